// The table of groups: every figure of each, sorted by the heading that was pressed, each figure the way to its tickets.

import { of, say } from "../../shared/words.js";
import { told } from "../../shared/told.js";
import { element, figure, groupName, share } from "./telling.js";
import { shownBy } from "./headline.js";

// Why there are no figures by clerk, where there are none.
export const noClerks = document.getElementById("no-clerks");
const table = document.getElementById("groups");
const heads = [...table.querySelectorAll("thead th")];
const columns = Object.keys(told.columns);
let sorted = null;

// The report is by something else than what was asked for where there are no figures by clerk.
export function groups(report, drill, by) {
  const unknown = by !== report.by;
  if (noClerks) noClerks.hidden = !unknown;
  for (const id of ["groups-table", "drill-how"]) document.getElementById(id).hidden = unknown;
  document.getElementById("clerks-how").hidden = report.by !== "clerk";
  document.getElementById("groups-title").textContent = say("reports.grouped", { group: say(`reports.groups.${by}`) });
  heads[0].firstElementChild.textContent = say(`reports.groups.${report.by}`);
  sorted = null;
  for (const head of heads) {
    head.firstElementChild.onclick = () => {
      sorted = { column: head.dataset.column, down: sorted?.column === head.dataset.column ? !sorted.down : head.dataset.column !== "name" };
      fill(report, drill);
    };
  }
  fill(report, drill);
}

function fill(report, drill) {
  for (const head of heads) {
    const by = sorted?.column === head.dataset.column;
    head.setAttribute("aria-sort", by ? (sorted.down ? "descending" : "ascending") : "none");
  }
  table.tBodies[0].replaceChildren(...inOrder(report).map((row) => line(row, report, drill)));
  table.tFoot.replaceChildren(line(report.total, report, drill));
}

function inOrder(report) {
  if (!sorted) return report.rows;
  const { column, down } = sorted;
  const value = (row) => (column === "name" ? groupName(row, report.by) : row[column] ?? -1);
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, told.language) : a - b);
  return [...report.rows].sort((a, b) => (down ? -1 : 1) * compare(value(a), value(b)));
}

function line(row, report, drill) {
  const name = groupName(row, report.by);
  const cells = columns.map((column) => {
    const shown = figure(column, row[column]);
    if (!row[column]) return element("td", {}, shown);
    const heading = heads.find((head) => head.dataset.column === column).textContent.trim();
    const press = element("button", { type: "button", class: "drill", "aria-label": `${name}, ${heading}: ${shown}` }, shown);
    const group = row.key === "all" ? {} : { by: report.by, key: row.key, group: name };
    press.addEventListener("click", () => drill({ show: shownBy(column), title: heading, ...group }));
    return element("td", {}, press);
  });
  return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
}

// How each counter spent its time, as a bar of its parts.
export function counters(list, report) {
  list.replaceChildren(...report.counters.map((one) => {
    const parts = { serving: one.serving_s, calling: one.calling_s, idle: one.idle_s, break: one.break_s };
    const whole = Object.values(parts).reduce((sum, part) => sum + part, 0);
    const words = Object.entries(parts).map(([use, s]) => `${say(`reports.uses.${use}`)} ${figure("mean_wait_s", s)}`).join(" · ");
    const bar = element("span", { class: "bar", "aria-hidden": "true" }, ...Object.entries(parts).map(([use, s]) => {
      const made = element("i", { "data-use": use });
      made.style.flexGrow = s / whole;
      return made;
    }));
    const name = `${say("reports.counter")} ${figure("visits", one.counter)}${one.name ? ` – ${of(one.name)}` : ""}`;
    return element(
      "li", {}, element("b", {}, name), element("em", {}, one.occupancy === null ? "–" : say("reports.occupied", { share: share(one.occupancy) })),
      bar, element("small", {}, words),
    );
  }));
}
