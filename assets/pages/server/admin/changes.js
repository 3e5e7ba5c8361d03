// Differences and mistakes in plain words: with names instead of ids, and what a field is called on this page.

import { has, number, say } from "../../shared/words.js";
import { button, joined, make } from "./elements.js";
import { shown } from "./forms.js";
import { LISTS, same } from "./keys.js";

// A key in its parts: `service[home].name.en` is about the table `service`, the row `home` and the path `name.en`.
export function partsOf(key) {
  const [, table, , row, path] = /^(\w+)(\[([^\]]*)\])?\.?(.*)$/.exec(key) ?? [];
  return { table, row, path: path ?? "" };
}

// What a place in a table's row is called: "Name in English", "Papers, entry 2".
function pathWord(table, path) {
  const [, field, , entry, language] = /^(\w*)(\[(\d+)\])?(?:.*\.(ar|en))?/.exec(path);
  const word = `admin.field.${table}.${field}`;
  if (!field || !has(word)) return "";
  const parts = [say(word)];
  const weekday = /\.(\w+day)/.exec(path)?.[1];
  if (weekday) parts.push(say(`admin.weekday.${weekday}`));
  if (entry) parts.push(say("admin.entry", { n: entry }));
  if (language) parts.push(say(`admin.in.${language}`));
  return joined(parts);
}

// Where something is: "The service Birth certificate, Fee".
export function where(table, name, path) {
  const kind = LISTS.includes(table) ? say(`admin.kind.${table}`, { name }) : say(`admin.kind.${table}`);
  const word = pathWord(table, path);
  return word ? joined([kind, word]) : kind;
}

// A mistake of the server, as a sentence with its place in front. Mistakes count rows from 1.
export function mistakeSentence(page, { key, sentence }) {
  const { table, row, path } = partsOf(key);
  const found = LISTS.includes(table) && page.draft.settings[table]?.[Number(row) - 1];
  if (!has(`admin.kind.${table}`) || (row && !found)) return sentence;
  if (LISTS.includes(table) && !row) return say("admin.mistake", { where: say(`admin.table.${table}`), sentence });
  const name = found ? page.name(table, found) || say(`admin.new.${table}`) : "";
  return say("admin.mistake", { where: where(table, name, path), sentence });
}

// A change in words. `name` says the name of a row by its id, `fields` the fields of a table.
export function changeSentence({ table, id, field, kind, was, is }, { name, fields }) {
  if (kind === "order") return say("admin.change_order", { table: say(`admin.table.${table}`) });
  const place = where(table, id === null ? "" : name(table, id), field ?? "");
  if (kind === "added" && !field) return say("admin.change_added", { where: place });
  if (kind === "removed" && !field) return say("admin.change_removed", { where: place });
  const about = fields(table).find(({ key }) => key === field);
  const value = (one, other) => (VALUES[about?.kind] ?? shown)(about, one, name, other);
  return say("admin.change_changed", { where: place, was: value(was, is), is: value(is, was) });
}

// Texts are shown only where they differ, so that "was" and "is" are never the same words.
const VALUES = {
  texts: (_, one, name, other) => textsShown(one, other),
  texts_list: (_, one, name, other) =>
    joined((one ?? []).map((entry, at) => (same(entry, other?.[at]) ? null : textsShown(entry, other?.[at]))).filter(Boolean))
      || say("admin.nothing"),
};

function textsShown(texts, others) {
  const codes = ["ar", "en"].filter((code) => texts?.[code] && texts[code] !== others?.[code]);
  return codes.map((code) => texts[code]).join(" / ") || say("admin.nothing");
}

// The list of changes of a draft, each of which can be taken back.
export function changeList(page, changes) {
  return make("ul", { class: "changes" }, changes.map((change) => make("li", {},
    make("span", {}, changeSentence(change, page.names())),
    button(say("admin.take_back"), () => page.takeBack(change), { class: "quiet" }))));
}

// What the history of the server says of a change: its values are texts, of a row its name.
export function pastChange(page, { key, kind, was, is }) {
  const { table, row, path } = partsOf(key);
  if (!has(`admin.kind.${table}`)) return key;
  if (!path && row === undefined) return say("admin.change_order", { table: say(`admin.table.${table}`) });
  const names = page.names(), place = where(table, row === undefined ? "" : names.name(table, row, path ? null : is ?? was), path);
  if (!path) return say(`admin.change_${kind}`, { where: place });
  const field = page.fields(table).find((one) => one.key === path.split(/[.[]/)[0]);
  const value = (one) => pastValue(field, one, names);
  return say("admin.change_past", { where: place, was: value(was), is: value(is) });
}

function pastValue(field, value, names) {
  if (value === null) return say("admin.nothing");
  switch (field?.kind) {
    case "bool": return shown(field, value === "true", names.name);
    case "lines": case "choices": case "spans": return shown(field, value.split(", ").filter(Boolean), names.name);
    case "line": case "category": case "choice": return shown(field, value, names.name);
    default: return number(value);
  }
}
