// What was changed, when and from where; each change can be undone, not only the newest.

import { say, timeOfDay } from "../../shared/words.js";
import { pastChange } from "./changes.js";
import { button, joined, make } from "./elements.js";
import { ask, send } from "./requests.js";

const SHOWN = 6; // changes of a version that are shown before somebody asks for the rest

export function historySection(page) {
  const list = make("ol", { class: "history" });
  const more = button(say("admin.older"), () => load(list.lastChild.dataset.version));
  const load = async (before) => {
    const answer = await ask(`/history${before ? `?before=${before}` : ""}`);
    if (!answer.ok) return page.refused(answer);
    list.append(...answer.body.versions.map((version) => item(page, version)));
    more.hidden = answer.body.versions.length < 100;
  };
  more.hidden = true;
  load();
  return [make("p", { class: "hint" }, say("admin.history_how")), list, more];
}

function item(page, { version, at, from, by, kind, undoes, changes }) {
  const said = changes.map((change) => make("li", {}, pastChange(page, change)));
  const rest = said.splice(SHOWN);
  const time = joined([page.date(at), timeOfDay(at)]);
  return make("li", { class: "card", "data-version": version },
    make("header", {},
      make("h3", {}, say(`admin.version.${kind}`, { undoes: undoes ?? "" })),
      make("p", { class: "hint" }, make("time", { datetime: at }, time), by ?? from ? ` ${say("admin.from", { from: by ?? from })}` : "")),
    make("ul", { class: "changes" }, said),
    rest.length ? make("details", {}, make("summary", {}, say("admin.more_changes", { count: rest.length })), make("ul", { class: "changes" }, rest)) : null,
    kind === "found" ? null : button(say("admin.undo"), () => undo(page, version, time), { "aria-label": say("admin.undo_of", { time }) }));
}

// Set the file to what it was before a version.
export async function undo(page, version, time) {
  const lost = page.draft.changes();
  const answer = await page.asks({
    title: say("admin.undo_title"),
    text: [time ? say("admin.undo_how", { time }) : say("admin.undo_last"), lost.length ? say("admin.undo_keeps") : ""],
    yes: say("admin.undo"),
  });
  if (answer) await page.hand(() => send("/undo", { version: Number(version), based_on: page.draft.digest }));
}

