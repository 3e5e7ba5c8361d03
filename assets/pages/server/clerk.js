// The clerk's page: one counter as the server tells it, and a press for everything that a clerk can do there. What a
// press means for tickets the server decides; here it is only known which presses can make sense now.

import { Link } from "../shared/link.js";
import { lost } from "../shared/lost.js";
import { told } from "../shared/told.js";
import { number, say } from "../shared/words.js";
import { ask, closeDialogs } from "./clerk/asking.js";
import { printCopy } from "./clerk/copies.js";
import { Desk, nobody } from "./clerk/desk.js";
import { listen } from "./clerk/keys.js";
import { Sound } from "./clerk/sound.js";
import { makeSwitch } from "./clerk/switches.js";

const DOUBLE_PRESS_MS = 1500;
const SLOW_MS = 400; // only what takes longer is worth a word
const OF_A_VISIT = ["park", "transfer"]; // what is asked about the visitor at the counter

const presses = [told.next, told.undo, ...Object.values(told.groups).flat()];
const desk = new Desk();
const sound = new Sound(makeSwitch("sound"));
const keysAreOn = makeSwitch("keys");

let view = null; // the counter as it was told last
let board = null; // the same of the hall
let nextAt = -DOUBLE_PRESS_MS;
let lastFocus = null;
let wasUp = false;

const link = new Link({ role: "page", counter: told.counter }, turn, told.training ? "/training" : "/");
link.on("counter", take);
link.on("board", (news) => { board = news; });
resume();

for (const { name } of presses) {
  document.getElementById(name).addEventListener("click", (event) => {
    // A press of the mouse must not leave the focus there, or the space bar would press this button and not "next".
    if (event.detail > 0) event.currentTarget.blur();
    else lastFocus = event.currentTarget;
    press(name);
  });
}
listen(new Map(presses.map(({ name, code }) => [code, name])), keysAreOn, press);
setInterval(() => desk.tick(view, link), 250);

function turn(up) {
  lost(link, link.busy ? "clerk.lost_under_way" : "clerk.lost");
  if (wasUp && !up) sound.lost();
  wasUp = up;
  desk.show(view, link);
}

function take(news) {
  if (view && news.sequence < view.sequence) return;
  if (view?.ticket?.id !== news.ticket?.id) closeDialogs(OF_A_VISIT);
  if (view && !view.waiting && news.waiting && news.state === "open" && !news.ticket) sound.someone();
  if (view?.ticket && news.asked_for_time === view.ticket.number) desk.notice(nobody(news));
  view = news;
  desk.show(view, link);
}

async function press(name) {
  const because = hindrance(name);
  if (because) return refuse(because);
  const body = await ask(name, view, board);
  if (!body) return undefined;
  const since = hindrance(name);
  if (!since && name === "copy") return copy(body.with);
  return since ? refuse(since) : send(body.command ?? commandOf(name), body.with);
}

async function copy(body) {
  desk.notice(say("clerk.printing", { number: body.ticket, kiosk: body.kiosk }));
  const printing = printCopy(body);
  desk.show(view, link);
  const { sentence, refused } = await printing;
  if (refused) refuse(sentence);
  else desk.notice(sentence);
  desk.show(view, link);
}

function refuse(sentence) {
  sound.refused();
  desk.notice(sentence, true);
}

// Why a press would come to nothing as things are; null when it may be sent.
function hindrance(name) {
  if (!link.up || !view) return say("clerk.why.lost");
  if (link.busy) return say("clerk.why.busy");
  if (name === told.next.name && performance.now() - nextAt < DOUBLE_PRESS_MS) return say("clerk.why.twice");
  return desk.hindrance(name, view, link);
}

function commandOf(name) {
  return name === "open" && view.state === "open" ? "close" : name;
}

async function send(command, body) {
  if (command === told.next.name) nextAt = performance.now();
  const slow = setTimeout(() => desk.notice(say("clerk.under_way")), SLOW_MS);
  // A ticket is taken out by its number, whichever counter it is at.
  const whole = command === "cancel" ? body : { counter: told.counter, ...body };
  const answer = await link.command(command, whole, [view.state, view.ticket?.number]);
  clearTimeout(slow);
  settle(command, answer);
}

async function resume() {
  const kept = await link.resumed();
  if (kept) settle(kept.command, kept.answer);
}

function settle(command, answer) {
  if (answer.counter) take(answer.counter);
  if (answer.ok) desk.notice(outcome(command, answer.ticket));
  else refuse(answer.problem?.detail ?? say(answer.unknown ? "clerk.unknown" : "clerk.why.lost"));
  lost(link, "clerk.lost");
  desk.show(view, link);
  keepFocus();
}

function outcome(command, ticket) {
  if (command === "call-next" && !ticket) return say("clerk.done.nobody");
  const key = command === "call-next" || command === "call" ? "called" : command;
  return say(`clerk.done.${key}`, { number: number(ticket?.number ?? "") });
}

// Whoever goes from button to button by keyboard stays there, also when a button has nothing to do any more.
function keepFocus() {
  if (!lastFocus || document.activeElement !== document.body) return;
  (lastFocus.disabled ? document.getElementById(told.next.name) : lastFocus).focus();
  lastFocus = null;
}
