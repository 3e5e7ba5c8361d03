// The rows of a table: one line each, which opens into its form. Rows are added, moved, copied and deleted here.

import { told } from "../../shared/told.js";
import { of, say } from "../../shared/words.js";
import { button, make, signButton } from "./elements.js";
import { form } from "./forms.js";
import { copyOf } from "./keys.js";

const open = new WeakSet(); // the rows that are open, as long as the draft has them

export const openRow = (row) => open.add(row);

// The list of some rows of a table, in the order of the file. `kind`: {fields, more, movable, copies, mark, extra}.
export function rowList(page, table, rows, kind) {
  return make("ul", { class: "rows" }, rows.map((row) => rowItem(page, table, row, rows, kind)));
}

function rowItem(page, table, row, rows, kind) {
  const key = `${table}[${page.draft.rows(table).indexOf(row) + 1}]`;
  const inside = make("div", { class: "inside", hidden: true });
  const title = make("span", { class: "title" });
  const head = button("", () => turn(!open.has(row)), { class: "open-row", "aria-expanded": "false" });
  head.append(kind.mark ? make("span", { class: "mark" }) : "", title, make("span", { class: "heard found" }));
  const item = make("li", { "data-row": key }, make("div", { class: "row-head" }, head, kind.movable ? movers(page, table, row, rows) : null), inside);

  function turn(on) {
    if (on) open.add(row);
    else open.delete(row);
    head.setAttribute("aria-expanded", on);
    inside.hidden = !on;
    // Ninety-five forms at once would be slow, so that a form is made when it is opened.
    inside.replaceChildren(...(on ? insideOf(page, table, row, key, kind) : []));
    if (on) page.mark();
  }

  item.entitle = () => {
    title.textContent = page.name(table, row) || say(`admin.new.${table}`);
    if (kind.mark) head.querySelector(".mark").textContent = kind.mark(row);
  };
  item.entitle();
  if (open.has(row)) turn(true);
  return item;
}

function insideOf(page, table, row, key, kind) {
  const fields = page.fields(table), about = { page, table, row, key };
  const more = fields.filter((field) => kind.more.includes(field.key));
  return [
    form(about, fields.filter((field) => !kind.more.includes(field.key))),
    more.length ? make("details", { class: "more" }, make("summary", {}, say("admin.more")), form(about, more)) : null,
    make("div", { class: "row-foot" },
      kind.extra?.(row),
      kind.copies ? button(say("admin.copy"), () => copyRow(page, table, row)) : null,
      button(say(`admin.delete.${table}`), () => removeRow(page, table, row), { class: "danger" })),
  ].filter(Boolean);
}

// ---- order ----

function movers(page, table, row, rows) {
  const name = page.name(table, row), at = rows.indexOf(row);
  const move = (by, which) => () => {
    const all = page.draft.rows(table);
    const [here, there] = [all.indexOf(row), all.indexOf(rows[at + by])];
    [all[here], all[there]] = [all[there], all[here]];
    page.edited(true);
    const moved = page.item(table, row);
    (moved.querySelector(`.${which}:not(:disabled)`) ?? moved.querySelector(".movers :not(:disabled)")).focus();
    page.tell(say("admin.moved", { name, place: at + by + 1, count: rows.length }));
  };
  return make("span", { class: "movers" },
    signButton("▲", say("admin.up", { name }), move(-1, "up"), { class: "sign up", disabled: at === 0 }),
    signButton("▼", say("admin.down", { name }), move(1, "down"), { class: "sign down", disabled: at === rows.length - 1 }));
}

// ---- more and fewer rows ----

export function addRow(page, table, row) {
  if (!("id" in row) && table !== "holiday") page.draft.nameItself(table, row);
  page.draft.rows(table).push(row);
  open.add(row);
  page.edited(true);
  page.item(table, row).querySelector(".inside input, .inside select").focus();
  page.item(table, row).scrollIntoView({ block: "nearest" });
}

function copyRow(page, table, row) {
  const copy = copyOf(row), rows = page.draft.rows(table);
  for (const code of Object.keys(copy.name ?? {})) copy.name[code] = `${copy.name[code]} ${told.copied[code]}`;
  page.draft.nameItself(table, copy, copy.id);
  rows.splice(rows.indexOf(row) + 1, 0, copy);
  open.delete(row);
  open.add(copy);
  page.edited(true);
  page.item(table, copy).querySelector(".inside input").focus();
}

async function removeRow(page, table, row) {
  const name = page.name(table, row) || say(`admin.new.${table}`);
  const { services, counters } = page.draft.referring(table, row);
  const others = page.draft.rows(table).filter((one) => one !== row).map((one) => [one.id, page.name(table, one)]);
  const answer = await page.asks({
    title: say(`admin.delete_title.${table}`, { name }),
    text: [
      services.length ? say(`admin.delete_services.${table}`, { count: services.length }) : "",
      counters.length ? say("admin.delete_counters", { count: counters.length }) : "",
      say("admin.delete_how"),
    ],
    list: [...services.map((one) => of(one.name)), ...counters.map((one) => page.name("counter", one))],
    choice: services.length && others.length ? { label: say(`admin.move_to.${table}`), options: others } : null,
    yes: say(`admin.delete.${table}`), danger: true,
  });
  if (!answer) return;
  for (const service of services) if (answer.choice) service[table] = answer.choice;
  for (const counter of counters) counter.lines = counter.lines.filter((line) => line !== row.id);
  const rows = page.draft.rows(table);
  rows.splice(rows.indexOf(row), 1);
  page.edited(true);
  page.heading().focus();
  page.tell(say("admin.deleted", { name }));
}
