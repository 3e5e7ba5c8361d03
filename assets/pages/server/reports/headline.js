// The first figures of a report, each with what changed since the period beside it, in words and with an arrow.

import { stopwatch, number, say } from "../../shared/words.js";
import { told } from "../../shared/told.js";
import { element, figure, share } from "./telling.js";

// Longer waits and more people who left are worse; of the rest nobody can say.
const WORSE_WHEN_MORE = new Set(["mean_wait_s", "median_wait_s", "p90_wait_s", "longest_wait_s", "no_shows", "left", "overtaken", "out_of_order"]);
const BETTER_WHEN_MORE = new Set(["within_target"]);
const SHARE_OF = { no_shows: ["called", "reports.of_called"], left: ["visits", "reports.of_visits"] };
// What a press shows: the tickets that make the figure.
const SHOWS = {
  mean_wait_s: "called", median_wait_s: "called", p90_wait_s: "called", longest_wait_s: "called", within_target: "over_target",
  mean_service_s: "completed", median_service_s: "completed", mean_parked_s: "parked", most_overtaken: "overtaken",
};

export const shownBy = (column) => SHOWS[column] ?? column;

export function headline(report, drill) {
  for (const box of document.querySelectorAll("#report [data-figure]")) {
    const column = box.dataset.figure;
    const [name] = box.children;
    const value = report.total[column];
    const press = element("button", { type: "button", class: "figure" }, figure(column, value));
    press.setAttribute("aria-label", `${name.textContent}: ${press.textContent}`);
    press.addEventListener("click", () => drill({ show: shownBy(column), title: name.textContent }));
    const parts = [element("dd", {}, press)];
    if (SHARE_OF[column] && report.total[SHARE_OF[column][0]]) {
      const [whole, key] = SHARE_OF[column];
      parts.push(element("dd", { class: "part" }, say(key, { share: share(value / report.total[whole]) })));
    }
    if (report.compared) parts.push(change(column, value, report.compared.total[column]));
    box.replaceChildren(name, ...parts);
  }
}

function change(column, now, before) {
  const made = element("dd", { class: "change" });
  if (now === null || before === null) return made;
  const [difference, told_] = differenceOf(column, now, before);
  if (!difference) {
    made.append(`= ${say("reports.same")}`);
    return made;
  }
  const isTime = told.columns[column] === "seconds";
  const key = difference > 0 ? (isTime ? "longer" : "more") : (isTime ? "shorter" : "fewer");
  const good = BETTER_WHEN_MORE.has(column) ? difference > 0 : WORSE_WHEN_MORE.has(column) ? difference < 0 : null;
  if (good !== null) made.dataset.good = good;
  made.append(
    element("span", { "aria-hidden": "true" }, difference > 0 ? "▲ " : "▼ "), say(`reports.${key}`, { by: told_ }),
    element("span", { class: "was" }, ` (${say("reports.before", { value: figure(column, before) })})`),
  );
  return made;
}

// How much more it is, as it is rounded for reading, and in words.
function differenceOf(column, now, before) {
  const kind = told.columns[column];
  if (kind === "seconds") {
    const seconds = Math.round(now) - Math.round(before);
    return [seconds, stopwatch(Math.abs(seconds))];
  }
  if (kind === "share") {
    return [Math.round(now * 100) - Math.round(before * 100), share(Math.abs(now - before))];
  }
  return [now - before, number(Math.abs(now - before).toLocaleString("en-GB"))];
}
