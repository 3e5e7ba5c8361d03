// From the draft to the file: how many changes there are, the mistakes in them with a way to each, and the list that is
// looked through before anything is published.

import { say } from "../../shared/words.js";
import { changeList, mistakeSentence, partsOf } from "./changes.js";
import { button, byId, make } from "./elements.js";
import { send } from "./requests.js";

const PAUSE_MS = 500; // while somebody types, the server is not asked about every letter

export class Review {
  constructor(page) {
    this._page = page;
    this.mistakes = [];
    this.warnings = [];
    byId("review-open").addEventListener("click", () => this.open());
    byId("bar-mistakes").addEventListener("click", () => this.open());
    byId("review-close").addEventListener("click", () => byId("review").close());
    byId("review-slip").addEventListener("click", () => page.preview());
    byId("review-publish").addEventListener("click", () => page.publish());
    byId("review-drop").addEventListener("click", () => this._drop());
  }

  // Something was changed: count anew, and ask the server about it soon.
  look() {
    const { length } = this._page.draft.changes();
    byId("bar-count").textContent = length ? say("admin.changes", { count: length }) : say("admin.no_changes");
    byId("bar").classList.toggle("waits", length > 0);
    byId("review-open").disabled = !length;
    clearTimeout(this._timer);
    if (length) this._timer = setTimeout(() => this.check(), PAUSE_MS);
    else this.show([]);
  }

  // Ask the server for the mistakes in the draft as it is now. False if it did not answer.
  async check() {
    clearTimeout(this._timer);
    const asked = JSON.stringify(this._page.draft.settings);
    const answer = await send("/check", { settings: this._page.draft.settings });
    if (asked !== JSON.stringify(this._page.draft.settings)) return this._page.draft.changes().length ? this.check() : true;
    if (answer.ok) this.show(answer.body.mistakes, answer.body.warnings);
    return answer.ok;
  }

  show(mistakes, warnings = []) {
    this.mistakes = mistakes;
    this.warnings = warnings;
    const marked = byId("bar-mistakes");
    marked.hidden = !mistakes.length;
    marked.textContent = mistakes.length ? say("admin.mistakes", { count: mistakes.length }) : "";
    this._page.mark();
    if (byId("review").open) this._fill();
  }

  async open() {
    this._fill();
    byId("review-publish").disabled = true;
    if (!byId("review").open) byId("review").showModal();
    byId("review-state").textContent = say("admin.checking");
    const heard = await this.check();
    byId("review-state").textContent = heard ? "" : say("admin.no_server");
    this._fill();
    byId("review-publish").disabled = !heard || this.mistakes.length > 0 || !this._page.writable;
  }

  _fill() {
    const changes = this._page.draft.changes();
    byId("review-changes").replaceChildren(changeList(this._page, changes));
    byId("review-mistakes").hidden = !this.mistakes.length;
    byId("review-mistake-list").replaceChildren(...this.mistakes.map((mistake) => make("li", {},
      button(mistakeSentence(this._page, mistake), () => this._lead(mistake), { class: "link" }))));
    byId("review-warnings").hidden = !this.warnings.length;
    byId("review-warnings").replaceChildren(...this.warnings.map((sentence) => make("p", {}, sentence)));
    byId("review-publish").disabled ||= this.mistakes.length > 0;
    if (!changes.length && byId("review").open) byId("review").close();
  }

  _lead({ key }) {
    byId("review").close();
    this._page.lead(key);
  }

  async _drop() {
    const { length } = this._page.draft.changes();
    const answer = await this._page.asks({
      title: say("admin.drop_title"), text: [say("admin.drop_how", { count: length })], yes: say("admin.drop"), danger: true,
    });
    if (!answer) return;
    byId("review").close();
    this._page.draft.forget();
    this._page.edited(true);
  }
}

// Mark each field that is mistaken with its sentence, and the row that it is in. What is not on the page is not marked.
export function markIn(place, mistakes) {
  for (const control of place.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const text of place.querySelectorAll(".mistake")) {
    text.textContent = "";
    text.hidden = true;
  }
  for (const row of place.querySelectorAll("[data-row]")) {
    const count = mistakes.filter(({ key }) => within(key, row.dataset.row)).length;
    row.classList.toggle("mistaken", count > 0);
    row.querySelector(".found").textContent = count ? say("admin.mistakes", { count }) : "";
  }
  for (const { key, sentence } of mistakes) {
    const control = controlOf(place, key);
    if (!control) continue;
    if (control.matches("input, select")) control.setAttribute("aria-invalid", "true"); // a button is never wrong
    const text = control.closest(".day, .field")?.querySelector(":scope > .mistake");
    if (!text) continue;
    text.textContent = [text.textContent, capital(sentence)].filter(Boolean).join(" ");
    text.hidden = false;
  }
}

const capital = (sentence) => sentence.charAt(0).toLocaleUpperCase() + sentence.slice(1);

// The field of a key: itself, or what it is in, or the first that is in it.
export function controlOf(place, key) {
  const controls = [...place.querySelectorAll("[data-key]")];
  for (let near = key; near; near = near.replace(/(\.\w+|\[[^\]]*\]|^\w+)$/, "")) {
    const found = controls.find(({ dataset }) => dataset.key === near) ?? controls.find(({ dataset }) => within(dataset.key, near));
    if (found) return found;
  }
  return null;
}

const within = (key, above) => key === above || key.startsWith(`${above}.`) || key.startsWith(`${above}[`);

// How many mistakes are in the tables of a section.
export function countIn(tables, mistakes) {
  return mistakes.filter(({ key }) => tables.includes(partsOf(key).table)).length;
}

