// What visitors thought of their visits: a bar for each service, and all together. The server leaves out what few said.

import { say } from "../../shared/words.js";
import { element, groupName, share } from "./telling.js";

const SCORES = [3, 2, 1];

export function feedback(list, { rows, total }) {
  const all = total.scores ? [total] : [];
  list.replaceChildren(...[...all, ...rows].map(opinions));
  if (!rows.length) list.append(element("li", {}, say("reports.no_feedback")));
}

function opinions(row) {
  const name = element("b", {}, groupName(row, "service"));
  if (!row.scores) return element("li", {}, name, element("small", {}, say("reports.few_answers")));
  const sum = row.scores.reduce((before, count) => before + count, 0);
  const bar = element("span", { class: "bar", "aria-hidden": "true" }, ...SCORES.map((score) => {
    const part = element("i", { "data-score": score });
    part.style.flexGrow = row.scores[score - 1] / sum;
    return part;
  }));
  const words = SCORES.map((score) => `${say(`reports.score_${score}`)} ${share(row.scores[score - 1] / sum)}`).join(" · ");
  return element("li", {}, name, element("em", {}, say("reports.answers", { count: sum })), bar, element("small", {}, words));
}
