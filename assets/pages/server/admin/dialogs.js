// A question that must be answered before something happens.

import { button, byId, make, newId } from "./elements.js";
import { say } from "../../shared/words.js";

// Ask with a title, sentences, a list of what it is about and, if need be, a choice: resolves with {choice} or null.
export function asks({ title, text = [], list = [], choice = null, yes, danger = false }) {
  const dialog = byId("ask"), id = newId("choice");
  const options = choice && make("select", { id }, choice.options.map(([value, name]) => make("option", { value }, name)));
  byId("ask-title").textContent = title;
  byId("ask-body").replaceChildren(...[
    ...text.filter(Boolean).map((one) => make("p", {}, one)),
    list.length ? make("ul", { class: "about", tabindex: "0" }, list.map((one) => make("li", {}, one))) : null,
    choice && make("label", { for: id }, choice.label), options,
  ].filter(Boolean));
  return new Promise((answered) => {
    dialog.onclose = () => answered(dialog.returnValue === "yes" ? { choice: options?.value } : null);
    byId("ask-buttons").replaceChildren(
      button(yes, () => dialog.close("yes"), { class: danger ? "danger main" : "main" }),
      button(say("admin.cancel"), () => dialog.close("")));
    dialog.returnValue = "";
    dialog.showModal();
  });
}
