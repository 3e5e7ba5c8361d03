// What has to be asked before a press can be sent: why, where to, which number. Each dialog gives the fields of its
// command, or nothing when the clerk goes back.

import { told } from "../../shared/told.js";
import { number, of, say, timeOfDay } from "../../shared/words.js";
import { digitOf, letterOf } from "./keys.js";

const NEAREST = "dawr-clerk-kiosk";
const dialogOf = (name) => document.getElementById(`${name}-dialog`);

const PREPARE = { transfer: listTargets, resume: listAside, cancel: fillNumber, copy: fillCopy };
const FIELDS = { park: reason, break: reason, transfer: target, call: chosen, cancel: ended, copy: copied };

// Ask what the press needs: {with: fields, command}, at once if it needs nothing; null when the clerk goes back.
export async function ask(name, view, board) {
  const dialog = name in PREPARE || name in FIELDS ? dialogOf(name) : null;
  if (!dialog) return { with: {} };
  const form = dialog.querySelector("form");
  form.reset();
  dialog.querySelector("[data-asks]")?.replaceChildren(say(`clerk.ask.${name}`, { number: number(view.ticket?.number ?? "") }));
  PREPARE[name]?.(view, board, form);
  dialog.showModal();
  return answered(dialog, form, (button) => FIELDS[name]?.(new FormData(form), button, view));
}

// Close those that ask about somebody who is no longer there.
export function closeDialogs(names) {
  for (const name of names) dialogOf(name).close();
}

function answered(dialog, form, fields) {
  return new Promise((go) => {
    let answer = null;
    const finish = (given) => { answer = given; dialog.close(); };
    form.onsubmit = (event) => { event.preventDefault(); finish({ with: fields(null) }); };
    form.onclick = ({ target: pressed }) => {
      const button = pressed.closest("button");
      if (button?.dataset.command) finish({ command: button.dataset.command, with: { ticket: button.dataset.ticket } });
      else if (button?.dataset.choice) finish({ with: fields(button) });
      else if (button && "back" in button.dataset) dialog.close();
    };
    dialog.onkeydown = (event) => typed(event, dialog);
    dialog.onclose = () => go(answer);
  });
}

// Digits choose from a list, Enter takes what is chosen; in the field for a ticket's number a key types its Latin letter.
function typed(event, dialog) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const field = event.target.closest("input:not([type=radio]), select");
  if (field?.classList.contains("number-field") && letterOf(event)) {
    event.preventDefault();
    field.setRangeText(letterOf(event), field.selectionStart, field.selectionEnd, "end");
  }
  if (field?.matches("select") && event.code.endsWith("Enter")) {
    event.preventDefault();
    field.form.querySelector("[type=submit]").click();
  }
  const choice = !field && dialog.querySelector(`[data-choice="${digitOf(event)}"], [data-row="${digitOf(event)}"]`);
  if (!choice) return;
  event.preventDefault();
  if (choice.dataset.choice) choice.click();
  else choice.focus();
}

// ---- the fields of each command ----

function reason(form, button) {
  const text = button ? button.dataset.reason : form.get("reason").trim();
  return text ? { reason: text } : {};
}

function target(form, _button, view) {
  const [kind, id] = form.get("to").split(" ");
  return { ticket: view.ticket.id, [kind]: id, place: form.get("place") };
}

function chosen(form) {
  return { ticket: latin(form.get("ticket")) };
}

function ended(form) {
  return { ticket: latin(form.get("ticket")), by: form.get("by") };
}

function copied(form) {
  localStorage.setItem(NEAREST, form.get("kiosk"));
  return { ticket: latin(form.get("ticket")), kiosk: form.get("kiosk") };
}

// A ticket's number as the server writes it, whichever digits were typed.
function latin(text) {
  return text.trim().toUpperCase().replace(/[٠-٩]/g, (digit) => "٠١٢٣٤٥٦٧٨٩".indexOf(digit));
}

// ---- what the dialogs show ----

function fillNumber(view, _board, form) {
  form.elements.ticket.value = view.ticket?.number ?? "";
  form.elements.ticket.select();
}

// The kiosk that was taken last is the one that is nearest to this counter.
function fillCopy(view, board, form) {
  const nearest = localStorage.getItem(NEAREST);
  if (told.kiosks.includes(nearest)) form.elements.kiosk.value = nearest;
  fillNumber(view, board, form);
}

function listTargets(_view, board) {
  const open = new Set(board?.counters.filter((one) => one.state === "open").map((one) => one.counter));
  const waiting = new Map(board?.waiting.map((one) => [one.line, one.waiting]));
  options("lines", told.lines, ({ letter, name }, id) => ["line", say("clerk.line_waiting", { name: `${of(name)} ${letter}`, count: waiting.get(id) ?? 0 })]);
  options("counters", told.counters, (_, id) => {
    const name = say("clerk.counter", { counter: id });
    return ["to_counter", open.has(id) ? name : say("clerk.counter_closed", { name })];
  }, told.counter);
  options("services", told.services, ({ name }) => ["service", of(name)]);
}

function options(group, table, describe, without) {
  const ids = Object.keys(table).filter((id) => id !== without);
  document.getElementById(`to-${group}`).replaceChildren(...ids.map((id) => {
    const [kind, text] = describe(table[id], id);
    // Without marks of direction: who types the first letters of a name finds it by them.
    return new Option(text.replace(/[\u2066-\u2069]/g, ""), `${kind} ${id}`);
  }));
}

function listAside(view) {
  const known = view.set_aside;
  document.getElementById("nobody-aside").hidden = known.length > 0;
  document.getElementById("aside").replaceChildren(...known.map(row));
}

function row(one, place) {
  const item = document.createElement("li");
  const time = timeOfDay(one.since);
  const about = [of(told.services[one.service].name), say(`clerk.aside.${one.by_visitor ? "visitor" : one.state}`, { time }), one.reason];
  item.append(element("b", number(one.number), { dir: "ltr", id: `aside-${place}` }), element("span", about.filter(Boolean).join(" · ")));
  for (const [command, words] of [["call", "call_now"], ["resume", "back_in_line"]]) {
    const button = element("button", say(`clerk.${words}`), { type: "button" });
    Object.assign(button.dataset, { command, ticket: one.id });
    button.setAttribute("aria-describedby", `aside-${place}`);
    if (command === "call" && place < 9) {
      button.dataset.row = place + 1;
      button.append(" ", element("kbd", number(place + 1)));
    }
    item.append(button);
  }
  return item;
}

function element(name, text, more = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...more });
}
