// A ticket on its visitor's phone: asks the server now and then how it stands, shows its sentences, and rings for a call.

import { told } from "../shared/told.js";
import { say, timeOfDay } from "../shared/words.js";

const PATIENCE_MS = 8000, RETRY_S = 5, LOST_AFTER = 2;
const JITTER = 0.2; // so that a hall's phones do not all ask at once
const RINGS = 3, RING_EVERY_S = 0.9, TONE_S = 0.5, TONE_HZ = [880, 1108.73];
const BUZZ_MS = [500, 200, 500, 200, 500];

const $ = (id) => document.getElementById(id);
const address = `${location.pathname}.json?language=${told.language}`;
let standing = told.standing;
let heard = Date.now(), failures = 0, timer = 0, bell = null;

if (told.ticket) $("ring").hidden = !mayRing();
$("ring").firstElementChild.addEventListener("click", allowSound);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
later();

function later() {
  const seconds = failures ? RETRY_S : standing.again_s;
  clearTimeout(timer);
  if (seconds) timer = setTimeout(look, seconds * 1000 * (1 + JITTER * (Math.random() - 0.5)));
}

async function look() {
  const end = new AbortController(), patience = setTimeout(() => end.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(address, { cache: "no-cache", signal: end.signal });
    take(await answer.json());
    failures = 0;
    heard = Date.now();
  } catch {
    failures += 1;
  }
  clearTimeout(patience);
  tellLost();
  later();
}

function take(now) {
  if (now.state && !told.ticket) return location.reload(); // the slip was faster than its kiosk
  const isNewCall = now.state === "called" && now.calls !== standing.calls;
  standing = now;
  $("turn").dataset.state = now.state ?? "unknown";
  put($("title"), now.title);
  if (isNewCall) ring();
  const says = $("says");
  if ([...says.children].map((one) => one.textContent).join("\n") !== now.says.join("\n")) {
    says.textContent = "";
    for (const sentence of now.says) says.appendChild(document.createElement("p")).textContent = sentence;
  }
  document.title = now.state === "called" ? `● ${now.title}` : document.title.replace(/^● .*/, now.title);
  if (told.ticket) {
    $("leave").hidden = !now.may_leave;
    $("aside").hidden = !now.may_step_aside;
    $("ready").hidden = !now.may_step_back;
    $("rate").hidden = !now.may_rate;
    $("ring").hidden = !mayRing();
  }
}

// Whoever asked for more time has one button to press.
function mayRing() {
  return ["waiting", "parked"].includes(standing.state) && !standing.may_step_back;
}

function tellLost() {
  const lost = failures >= LOST_AFTER;
  $("lost").hidden = !lost;
  if (lost) put($("lost"), say("phone.lost", { time: timeOfDay(heard) }));
}

// A phone makes no sound before its owner has pressed something; it rings once, to show how it will.
function allowSound() {
  const Context = window.AudioContext || window.webkitAudioContext;
  bell = bell || (Context && new Context());
  bell?.resume();
  ring(1);
  const ringing = document.createElement("span");
  ringing.textContent = say("phone.ringing");
  $("ring").replaceChild(ringing, $("ring").firstElementChild);
}

function ring(times = RINGS) {
  navigator.vibrate?.(times === RINGS ? BUZZ_MS : BUZZ_MS.slice(0, 1));
  for (let turn = 0; bell && turn < times; turn += 1) TONE_HZ.forEach((hertz, place) => tone(hertz, turn * RING_EVERY_S + place * 0.25));
}

function tone(hertz, in_s) {
  const sound = bell.createOscillator(), volume = bell.createGain(), at = bell.currentTime + in_s;
  sound.frequency.value = hertz;
  volume.gain.setValueAtTime(0.4, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + TONE_S);
  sound.connect(volume).connect(bell.destination);
  sound.start(at);
  sound.stop(at + TONE_S);
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
