// The sections of the page: what each shows, and in which tables mistakes in it can be.

import { told } from "../../shared/told.js";
import { number, of, say } from "../../shared/words.js";
import { auditSection } from "./audit.js";
import { devicesOfKiosks } from "./devices.js";
import { button, card, make, newId } from "./elements.js";
import { fileSection } from "./file.js";
import { form } from "./forms.js";
import { historySection } from "./history.js";
import { hoursEditor } from "./hours.js";
import { addRow, rowList } from "./rows.js";

export const SECTIONS = [
  { id: "centre", tables: ["centre"], show: centre },
  { id: "hours", tables: ["hours", "holiday"], show: hours },
  { id: "classes", tables: ["class"], show: classes },
  { id: "lines", tables: ["line"], show: lines },
  { id: "categories", tables: ["category"], show: categories },
  { id: "services", tables: ["service"], show: services },
  { id: "counters", tables: ["counter"], show: counters },
  { id: "kiosks", tables: ["kiosk"], show: kiosks },
  { id: "privacy", tables: ["privacy"], show: privacy },
  { id: "file", tables: [], show: fileSection },
  { id: "history", tables: [], show: historySection },
  { id: "audit", tables: [], show: auditSection },
];

export const sectionOf = (table) => SECTIONS.find(({ tables }) => tables.includes(table)) ?? SECTIONS[0];

// What everybody needs first; what is not named here stands behind "more".
const OF_THE_CENTRE = [
  ["about", ["name"]],
  ["texts", ["slip_message", "message"]],
  ["look", ["languages", "digits"]],
  ["day", ["target_minutes", "last_ticket_minutes", "recalls_before_no_show"]],
  ["reasons", ["break_reasons", "park_reasons"]],
];

function centre(page) {
  const about = { page, table: "centre", row: page.draft.settings.centre, key: "centre" };
  const fields = page.fields("centre"), named = OF_THE_CENTRE.flatMap(([, keys]) => keys);
  return [
    ...OF_THE_CENTRE.map(([group, keys]) => card(say(`admin.group.${group}`),
      form(about, keys.map((key) => fields.find((field) => field.key === key)).filter(Boolean)))),
    make("details", { class: "card more" }, make("summary", {}, say("admin.more")),
      form(about, fields.filter(({ key }) => !named.includes(key)))),
  ];
}

function hours(page) {
  return [
    card(say("admin.group.week"), hint("admin.week_how"), hoursEditor((page.draft.settings.hours ??= {}), "hours", () => page.edited())),
    card(say("admin.group.holidays"), hint("admin.holidays_how"),
      rowList(page, "holiday", page.draft.rows("holiday"), { more: [], mark: (row) => (row.date ? page.date(row.date) : "") }),
      add(page, "holiday", () => ({ date: "", name: {} }))),
  ];
}

function classes(page) {
  const mark = (row) => `+${number(row.credit_minutes ?? 0)}`;
  return [listed(page, "class", { more: ["id"], mark }, () => ({ name: {} }))];
}

function lines(page) {
  const free = () => told.letters.find((letter) => !page.draft.rows("line").some((line) => line.letter === letter));
  return [listed(page, "line", { more: ["id"], movable: true, mark: (row) => row.letter },
    () => ({ letter: free() ?? "", name: {} }))];
}

function categories(page) {
  return [listed(page, "category", { more: ["id"], movable: true }, () => ({ name: {} }))];
}

function counters(page) {
  const next = () => {
    const taken = page.draft.rows("counter").map(({ id }) => Number(id)).filter((id) => id > 0);
    return { id: String(Math.max(0, ...taken) + 1), lines: [] };
  };
  return [listed(page, "counter", { more: [], movable: true, mark: (row) => number(row.id ?? "") }, next)];
}

function kiosks(page) {
  const next = () => {
    const rows = page.draft.rows("kiosk"), taken = rows.map((row) => row.numbers_from ?? 1);
    const n = [...Array(rows.length + 1).keys()].find((one) => !rows.some(({ id }) => id === `kiosk-${one + 1}`));
    return { id: `kiosk-${n + 1}`, numbers_from: taken.includes(1) ? Math.min(801, Math.max(...taken) + 200) : 1 };
  };
  return [listed(page, "kiosk", { more: ["spare_from"] }, next), card(say("admin.group.devices"), devicesOfKiosks(page))];
}

function privacy(page) {
  const row = (page.draft.settings.privacy ??= {});
  return [card(say("admin.group.kept"), form({ page, table: "privacy", row, key: "privacy" }, page.fields("privacy")))];
}

// ---- services: up to 95, by category, as on the kiosk ----

const KIND = { more: ["id", "needs_reference", "daily_cap", "hours"], movable: true, copies: true };

function services(page) {
  const find = newId("find"), lists = make("div", { class: "by-category" }), none = make("p", { class: "hint", hidden: true }, say("admin.none_found"));
  const kind = {
    ...KIND,
    mark: (row) => page.draft.rows("line").find(({ id }) => id === row.line)?.letter ?? "?",
    extra: (row) => button(say("admin.preview_slip"), () => page.preview(row.id)),
  };
  const known = new Set(page.draft.rows("category").map(({ id }) => id));
  const lost = page.draft.rows("service").filter(({ category }) => !known.has(category));
  lists.append(...page.draft.rows("category").map((category) => ofCategory(page, category, kind)));
  if (lost.length) lists.append(card(say("admin.no_category"), rowList(page, "service", lost, kind)));
  const input = ({ target }) => {
    page.wanted = target.value;
    const shown = filter(lists, target.value.trim().toLocaleLowerCase());
    none.hidden = shown > 0;
  };
  const field = make("input", { type: "search", id: find, autocomplete: "off", value: page.wanted ?? "", input });
  if (page.wanted) filter(lists, page.wanted.trim().toLocaleLowerCase());
  return [make("div", { class: "find" }, make("label", { for: find }, say("admin.find")), field), none, lists];
}

function ofCategory(page, category, kind) {
  const rows = page.draft.rows("service").filter((one) => one.category === category.id);
  // As the last one beside it, or else the first line there is.
  const begin = () => ({ name: {}, category: category.id, line: rows[rows.length - 1]?.line ?? page.draft.rows("line")[0]?.id });
  const title = [page.name("category", category), make("small", {}, say("admin.count.service", { count: rows.length }))];
  return card(title, rowList(page, "service", rows, kind), add(page, "service", begin, say("admin.add_to", { name: page.name("category", category) })));
}

function filter(lists, wanted) {
  let shown = 0;
  for (const item of lists.querySelectorAll("[data-row]")) {
    item.hidden = !item.querySelector(".title").textContent.toLocaleLowerCase().includes(wanted);
    if (!item.hidden) shown += 1;
  }
  for (const one of lists.children) one.hidden = wanted && !one.querySelector("[data-row]:not([hidden])");
  return shown;
}

// ---- what sections have in common ----

const hint = (word) => make("p", { class: "hint" }, say(word));

function listed(page, table, kind, begin) {
  return make("div", { class: "card" }, rowList(page, table, page.draft.rows(table), kind), add(page, table, begin));
}

const add = (page, table, begin, heard) =>
  button(say(`admin.add.${table}`), () => addRow(page, table, begin()), { class: "add", "aria-label": heard, "data-key": table });

export const nameOf = (table, row) => {
  if (table === "counter") return row.name ? of(row.name) : say("admin.counter", { n: row.id });
  return row.name ? of(row.name) : row.id ?? "";
};
