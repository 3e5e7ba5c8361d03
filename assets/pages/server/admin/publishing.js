// Handing something to the server that changes the file: the server then begins anew with it, which takes seconds, and
// the page with it. Two administrators at once are told of each other, and neither loses anything.

import { say } from "../../shared/words.js";
import { changeSentence } from "./changes.js";
import { button, byId, make, newId } from "./elements.js";
import { ask } from "./requests.js";

const LONG_MS = 30_000;
const DONE = "dawr-settings-done"; // what the page says after it has been loaded anew

export class Publishing {
  constructor(page) {
    this._page = page;
    this._waiting = false;
    byId("progress").addEventListener("cancel", (event) => event.preventDefault());
  }

  // Hand it over, and begin anew when the server has. `forget`: there is no draft any more.
  async hand(sender, forget, mistaken) {
    const progress = byId("progress");
    byId("progress-text").textContent = say("admin.storing");
    progress.showModal();
    this._waiting = true; // the server may be back before its answer was read
    this._began = false;
    const answer = await sender();
    if (answer.ok) return this._wait(answer.body.version, forget);
    this._waiting = false;
    progress.close();
    if (answer.status === 409 && answer.body.code === "settings_changed") return this.renew();
    if (answer.status === 422 && answer.body.mistakes) return mistaken(answer.body.mistakes);
    if (!answer.status) return this._page.tell(say("admin.unanswered"), true);
    return this._page.refused(answer);
  }

  _wait(version, forget) {
    this._done = { version, forget };
    byId("progress-text").textContent = say("admin.beginning");
    setTimeout(() => { byId("progress-text").textContent = say("admin.still_beginning"); }, LONG_MS);
    if (this._began) this._finish();
  }

  // The server is there with other settings than before.
  began() {
    if (!this._waiting) return void this.renew();
    this._began = true;
    if (this._done) this._finish();
  }

  _finish() {
    if (this._done.forget) this._page.draft.forget();
    sessionStorage.setItem(DONE, this._done.version);
    this._page.leaving = true;
    location.reload();
  }

  // The version that was published before the page was loaded anew, once.
  static done() {
    const version = sessionStorage.getItem(DONE);
    sessionStorage.removeItem(DONE);
    return version;
  }

  // Somebody else changed the file: take its present state, and put what was changed here onto it.
  async renew() {
    const answer = await ask();
    if (!answer.ok) return this._page.refused(answer);
    if (answer.body.digest === this._page.draft.digest) return undefined;
    const had = this._page.draft.changes().length > 0;
    const doubts = this._page.draft.renew(answer.body);
    return this.tellMoved(had, doubts);
  }

  async tellMoved(had, doubts) {
    this._page.tell(say(had ? "admin.moved_kept" : "admin.moved_on"), true);
    if (doubts.length) await this._settle(doubts);
  }

  // Both touched the same key: show both, and let the person choose.
  _settle(doubts) {
    const dialog = byId("doubts"), names = this._page.names();
    const fieldsets = doubts.map(({ mine, theirs }) => {
      const name = newId("doubt");
      const choice = (value, change, word) => make("label", { class: "switch" },
        make("input", { type: "radio", name, value, checked: value === "theirs" }),
        make("span", {}, make("b", {}, say(word)), " ", changeSentence(change, names)));
      return make("fieldset", { class: "field" }, make("legend", { class: "heard" }, changeSentence(mine, names)),
        choice("theirs", theirs, "admin.theirs"), choice("mine", mine, "admin.mine"));
    });
    byId("doubt-list").replaceChildren(...fieldsets);
    byId("doubt-buttons").replaceChildren(button(say("admin.go_on"), () => dialog.close(), { class: "main" }));
    return new Promise((done) => {
      dialog.onclose = () => {
        doubts.forEach(({ mine }, at) => {
          if (fieldsets[at].querySelector("[value=mine]").checked) this._page.draft.put(mine);
        });
        done();
      };
      dialog.showModal();
    });
  }
}
