// The administration page: a draft of the settings that becomes the centre's file when it is published.

import { Link } from "../shared/link.js";
import { lost } from "../shared/lost.js";
import { goesToSignIn } from "../shared/sign_in.js";
import { told } from "../shared/told.js";
import { has, number, say } from "../shared/words.js";
import { asks } from "./admin/dialogs.js";
import { Draft } from "./admin/draft.js";
import { button, byId, make } from "./admin/elements.js";
import { undo } from "./admin/history.js";
import { rowOf } from "./admin/keys.js";
import { partsOf } from "./admin/changes.js";
import { listenToPreview, showPreview } from "./admin/preview.js";
import { Publishing } from "./admin/publishing.js";
import { ask, send } from "./admin/requests.js";
import { controlOf, countIn, markIn, Review } from "./admin/review.js";
import { openRow } from "./admin/rows.js";
import { nameOf, SECTIONS, sectionOf } from "./admin/sections.js";

// What the parts of the page know of each other.
class Page {
  constructor() {
    this.draft = new Draft((rows) => this._changed(rows));
    this.asks = asks;
    this.writable = true;
    this.review = new Review(this);
    this.publishing = new Publishing(this);
    this._facts = {};
  }

  async begin() {
    const [settings, fields] = await Promise.all([ask(), ask("/fields")]);
    if (!settings.ok || !fields.ok) return this.refused(settings.ok ? fields : settings);
    this._facts = fields.body;
    this.writable = settings.body.writable === null;
    byId("read-only").hidden = this.writable;
    byId("read-only").textContent = settings.body.writable ?? "";
    const { kept, moved, doubts } = this.draft.begin(settings.body);
    document.body.classList.add("ready");
    this.go(location.hash.slice(1) || SECTIONS[0].id, { quiet: true });
    this._changed(false);
    const version = Publishing.done();
    if (version) this._done(version);
    else if (moved) await this.publishing.tellMoved(true, doubts);
    else if (kept) this.tell(say("admin.kept"), true);
    return undefined;
  }

  // ---- what is known of the settings ----

  fields(table) { return this._facts[table] ?? []; }

  languages() { return this.draft.settings.centre.languages ?? ["ar", "en"]; }

  name(table, row) { return nameOf(table, row); }

  // Names of rows by their ids, of the draft or as they were before it; of others as `known`, or else the id.
  names() {
    const name = (table, id, known) => {
      const row = rowOf(this.draft.settings, table, id) ?? rowOf(this.draft.base, table, id);
      return (row && this.name(table, row)) || known || (table === "counter" ? say("admin.counter", { n: id }) : String(id));
    };
    return { fields: (table) => this.fields(table), name };
  }

  // A day such as 2026-12-08, or the centre's day of an instant.
  date(at) {
    const day = at.length === 10, instant = new Date(day ? `${at}T12:00:00Z` : at);
    if (Number.isNaN(instant.getTime())) return at;
    const form = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: day ? "UTC" : told.zone };
    return number(new Intl.DateTimeFormat(told.language === "ar" ? "ar-SY-u-nu-latn" : "en-GB", form).format(instant));
  }

  // ---- what is on the page ----

  heading() { return byId("section-title"); }

  item(table, row) {
    return document.querySelector(`[data-row="${table}[${this.draft.rows(table).indexOf(row) + 1}]"]`);
  }

  go(id, { quiet = false } = {}) {
    this.section = SECTIONS.find((section) => section.id === id) ?? SECTIONS[0];
    if (location.hash.slice(1) !== this.section.id) history.replaceState(null, "", `#${this.section.id}`);
    this._show();
    scrollTo(0, 0);
    if (!quiet) this.heading().focus();
  }

  _show() {
    this.heading().textContent = say(`admin.section.${this.section.id}`);
    const how = `admin.section_how.${this.section.id}`;
    byId("section-how").textContent = has(how) ? say(how) : "";
    byId("section").replaceChildren(...this.section.show(this));
    for (const link of document.querySelectorAll("#sections a")) {
      if (link.hash === `#${this.section.id}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    byId("section-select").value = this.section.id;
    this.mark();
  }

  mark() {
    markIn(byId("section"), this.review.mistakes);
    for (const section of SECTIONS) {
      const count = countIn(section.tables, this.review.mistakes);
      const mark = document.querySelector(`#sections a[href="#${section.id}"] .count`);
      mark.textContent = count ? number(count) : "";
      mark.nextElementSibling.textContent = count ? say("admin.mistakes", { count }) : "";
    }
  }

  // Open whatever hides the field of a key, and go to it.
  lead(key) {
    const { table, row } = partsOf(key);
    const found = row && this.draft.settings[table]?.[Number(row) - 1];
    if (found) openRow(found);
    this.wanted = "";
    this.go(sectionOf(table).id, { quiet: true });
    const control = controlOf(byId("section"), key);
    control?.closest("details")?.setAttribute("open", "");
    (control ?? this.heading()).focus();
    control?.scrollIntoView({ block: "center" });
  }

  // A line that is read aloud; a `strong` one stands at the top until the next.
  tell(text, strong = false) {
    byId("said").textContent = strong ? "" : text;
    if (!strong) return;
    byId("notice").replaceChildren(make("p", {}, text), button(say("admin.understood"), () => { byId("notice").hidden = true; }));
    byId("notice").hidden = false;
  }

  refused({ body }) { this.tell(body.detail ?? say("admin.no_server"), true); }

  _done(version) {
    this.tell(say("admin.done"), true);
    byId("notice").insertBefore(button(say("admin.undo"), () => undo(this, version)), byId("notice").lastChild);
    byId("notice").focus();
  }

  // ---- what is done ----

  edited(rows = false) { this.draft.touched(rows); }

  _changed(rows) {
    if (rows && this.section) {
      const { scrollY } = window;
      this._show();
      scrollTo(0, scrollY);
    }
    byId("said").textContent = "";
    this.review.look();
  }

  retitle() { for (const item of document.querySelectorAll("#section [data-row]")) item.entitle(); }

  // A new row is named for machines after its English name, until somebody names it otherwise.
  named(table, row) {
    if (!this.draft.nameFollowed(table, row)) return;
    const key = `${table}[${this.draft.rows(table).indexOf(row) + 1}].id`;
    const shown = document.querySelector(`#section input[data-key="${key}"]`);
    if (shown) shown.value = row.id;
    this.edited();
  }

  takeBack(change) {
    this.draft.takeBack(change);
    this.review.open();
  }

  preview(service) { showPreview(this, service ?? this._changedService()); }

  _changedService() { return this.draft.changes().find(({ table, kind, id }) => table === "service" && id && kind !== "removed")?.id; }

  publish() {
    byId("review").close();
    const sender = () => send("", { based_on: this.draft.digest, settings: this.draft.settings });
    return this.hand(sender, { forget: true, mistaken: () => this.review.open() });
  }

  // `forget`: the draft is done with. `mistaken` is told the mistakes; they have no field here unless they are the draft's.
  hand(sender, { forget = false, mistaken = (mistakes) => this._tellMistakes(mistakes) } = {}) {
    return this.publishing.hand(sender, forget, mistaken);
  }

  _tellMistakes(mistakes) {
    const list = mistakes.map(({ key, sentence }) => `${key}: ${sentence}`);
    return this.asks({ title: say("admin.not_done"), text: [say("admin.nothing_changed")], list, yes: say("admin.understood") });
  }
}

const page = new Page();

const link = new Link({}, () => lost(link), "/", () => {
  page.publishing.began();
  return true;
});

byId("section-select").addEventListener("change", ({ target }) => page.go(target.value));
byId("sections").addEventListener("click", (event) => {
  const chosen = event.target.closest("a");
  if (!chosen) return;
  event.preventDefault();
  page.go(chosen.hash.slice(1));
});
addEventListener("hashchange", () => page.go(location.hash.slice(1)));
addEventListener("beforeunload", (event) => {
  if (page.leaving || goesToSignIn() || !page.draft.base || !page.draft.changes().length) return;
  event.preventDefault();
  event.returnValue = true; // for browsers of before 2023
});
listenToPreview(page);
page.begin();

