// What the page shows of the counter. Everything has its fixed place: what has nothing to do now is disabled and says
// why, and nothing moves when it has.

import { told } from "../../shared/told.js";
import { number, of, say, stopwatch } from "../../shared/words.js";
import { whyNoCopy } from "./copies.js";

const $ = (id) => document.getElementById(id);
const MINUTE_MS = 60_000;
const NEXT_WORDS = { closed: "next_first", break: "next_after_break" };

// Whom a press is about: somebody who is at the counter, or called and still on the way.
const ABOUT = {
  serve: ["called"], recall: ["called"], "no-show": ["called"],
  complete: ["called", "serving"], park: ["called", "serving"], transfer: ["called", "serving"],
};

export class Desk {
  // Show the counter's view, or that there is none yet.
  show(view, link) {
    document.title = titleOf(view, link);
    if (view) {
      this._showTicket(view);
      this._showAround(view);
    }
    for (const name of [...Object.values(told.groups).flat(), told.next].map((press) => press.name)) {
      $(name).disabled = !view || !link.up || this.hindrance(name, view, link) !== null;
    }
    this.tick(view, link);
  }

  // What changes by itself: the watch, and the seconds in which the last action can be undone.
  tick(view, link) {
    if (!view) return;
    this._showElapsed(view, link);
    const left = undoSeconds(view, link), undo = $("undo");
    undo.disabled = !link.up || left === 0;
    setText(undo.querySelector("small"), left ? say("clerk.undo_left", { count: left }) : "");
  }

  // Why a press cannot mean anything as the counter is; null when it can.
  hindrance(name, view, link) {
    const { ticket, state } = view;
    if (name in ABOUT && !ticket) return say("clerk.why.nobody");
    if (name in ABOUT && !ABOUT[name].includes(ticket.state)) return say("clerk.why.served");
    if (name === "no-show" && missingRecalls(ticket)) return say("clerk.why.recall_first", { count: missingRecalls(ticket) });
    if (name === "copy") return whyNoCopy();
    if (name === "undo" && !undoSeconds(view, link)) return say("clerk.why.undo");
    if (name === "break" && state !== "open") return say(state === "closed" ? "clerk.why.closed" : "clerk.why.other");
    return null;
  }

  // Say what the last press came to.
  notice(sentence, refused = false) {
    const notice = $("notice");
    notice.classList.toggle("refused", refused);
    notice.textContent = sentence;
  }

  _showTicket(view) {
    const { ticket } = view;
    const state = ticket?.state ?? (view.state === "open" ? "free" : view.state);
    $("desk").dataset.state = state;
    setText($("state"), [say(`clerk.state.${state}`), ticket ? null : view.reason].filter(Boolean).join(": "));
    setText($("number"), ticket ? number(ticket.number) : "–");
    setText($("service"), ticket ? of(told.services[ticket.service].name) : nobody(view));
    $("facts").replaceChildren(...(ticket ? factsOf(ticket) : []).map((fact) => item(fact)));
    this._showPapers(ticket);
    this._showPresses(view);
  }

  // The ticks are the clerk's own and stay until the next visitor.
  _showPapers(ticket) {
    const list = $("papers");
    if (list.dataset.ticket === (ticket?.id ?? "")) return;
    list.dataset.ticket = ticket?.id ?? "";
    const papers = ticket ? told.services[ticket.service].papers : [];
    $("papers-title").hidden = papers.length === 0;
    list.replaceChildren(...papers.map(tickable));
  }

  _showPresses(view) {
    const { ticket } = view, next = $(told.next.name), missed = $("no-show").querySelector("small");
    setText(next.querySelector(".label"), say(`clerk.${NEXT_WORDS[view.state] ?? (ticket ? "next_done" : "next_free")}`));
    setText(next.querySelector("small"), view.next ? say("clerk.next_who", { number: view.next }) : say("clerk.next_nobody"));
    setText($("open").querySelector(".label"), say(view.state === "open" ? "clerk.do.close" : "clerk.do.open"));
    missed.hidden = ticket?.state !== "called" || !missingRecalls(ticket);
    if (!missed.hidden) setText(missed, say("clerk.recall_first", { count: missingRecalls(ticket) }));
    const aside = $("resume").querySelector("small");
    aside.hidden = view.set_aside.length === 0;
    setText(aside, number(view.set_aside.length));
  }

  _showAround(view) {
    setText($("next-number"), view.next ? number(view.next) : "–");
    $("lines").replaceChildren(...Object.entries(view.waiting_in).map(([id, count]) => lineItem(id, count, view)));
    setText($("served"), number(view.served));
    setText($("mean"), view.mean_service_s === null ? "–" : stopwatch(view.mean_service_s));
  }

  _showElapsed(view, link) {
    const { ticket } = view;
    const since = ticket && Date.parse(ticket.served_at ?? ticket.called_at);
    const [watch, meaning] = $("elapsed").children;
    setText(watch, ticket ? stopwatch((link.now() - since) / 1000) : "");
    setText(meaning, ticket ? say(ticket.served_at ? "clerk.since_serve" : "clerk.since_call") : "");
    const count = ticket && told.services[ticket.service].usual_minutes;
    const past = Boolean(ticket) && link.now() - since > count * MINUTE_MS;
    $("desk").classList.toggle("past", past);
    setText($("usual"), ticket ? say(past ? "clerk.past_usual" : "clerk.usual", { count }) : "");
  }
}

const missingRecalls = (ticket) => Math.max(0, told.recalls_before_no_show - ticket.recalls);

function undoSeconds(view, link) {
  return view.undo_until ? Math.max(0, Math.ceil((Date.parse(view.undo_until) - link.now()) / 1000)) : 0;
}

function titleOf(view, link) {
  const name = say(told.training ? "clerk.training_of" : "clerk.counter", { counter: told.counter });
  if (!link.up) return `⚠ ${say("clerk.lost_short")} – ${name}`;
  return view?.ticket ? `${number(view.ticket.number)} – ${name}` : name;
}

function factsOf(ticket) {
  const { fee } = told.services[ticket.service];
  const waited = Math.round((Date.parse(ticket.called_at) - Date.parse(ticket.joined_at)) / MINUTE_MS);
  return [
    ticket.class && { class: "class", text: of(told.classes[ticket.class] ?? { [told.language]: ticket.class }) },
    ticket.reference && { class: "reference", text: say("clerk.reference", { reference: ticket.reference }) },
    ticket.in_doubt && { class: "doubt", text: say("clerk.in_doubt") },
    ticket.recalls && { text: say("clerk.recalled", { count: ticket.recalls }) },
    { text: say("clerk.waited", { count: waited }) },
    { text: say(`clerk.speaks.${ticket.language}`) },
    fee && { text: say("clerk.fee", { fee: fee.toLocaleString("en"), currency: of(told.currency) }) },
  ].filter(Boolean);
}

// What stands instead of a visit: nobody is there, or somebody was called who asked for more time.
export function nobody({ asked_for_time }) {
  return asked_for_time ? say("clerk.asked_for_time", { number: asked_for_time }) : say("clerk.nobody");
}

function item({ class: kind = "", text }) {
  return Object.assign(document.createElement("li"), { className: kind, textContent: text });
}

function tickable(paper) {
  const li = document.createElement("li"), label = document.createElement("label"), box = document.createElement("input");
  box.type = "checkbox";
  // The space bar is for the next visitor, not for ticking the same paper again.
  box.addEventListener("click", (event) => { if (event.detail > 0) box.blur(); });
  label.append(box, of(paper));
  li.append(label);
  return li;
}

function lineItem(id, count, view) {
  const li = document.createElement("li"), { letter, name } = told.lines[id];
  const words = view.lines.includes(id) ? of(name) : `${of(name)} (${say("clerk.sent_here")})`;
  for (const [tag, kind, text] of [["span", "letter", letter], ["span", "", words], ["b", "", number(count)]]) {
    li.append(Object.assign(document.createElement(tag), { className: kind, textContent: text }));
  }
  return li;
}

// Text is set only when it is another one: a screen reader would say it again.
function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
