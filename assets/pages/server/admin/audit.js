// What people, devices and the server itself did, the newest first. Nothing of it can be changed.

import { say, timeOfDay } from "../../shared/words.js";
import { button, joined, make } from "./elements.js";
import { askAudit } from "./requests.js";

const AT_ONCE = 100;

export function auditSection(page) {
  const list = make("ol", { class: "audit" }), head = make("b", { dir: "ltr" });
  const more = button(say("admin.older"), () => load(list.lastChild.dataset.number));
  const load = async (before) => {
    const answer = await askAudit(before);
    if (!answer.ok) return page.refused(answer);
    const { entries } = answer.body;
    if (!before) head.textContent = answer.body.head;
    list.append(...entries.map((entry) => item(page, entry)));
    more.hidden = entries.length < AT_ONCE;
  };
  more.hidden = true;
  load();
  return [
    make("p", { class: "hint" }, say("admin.audit_how")),
    make("p", { class: "head" }, say("admin.audit_head"), " ", head),
    list, more,
  ];
}

const item = (page, { number, at, sentence }) => make("li", { "data-number": number },
  make("time", { datetime: at }, joined([page.date(at), timeOfDay(at)])), make("span", {}, sentence));
