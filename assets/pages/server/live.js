// The managers' page: the whole hall as it is now, what needs somebody, and three things that a manager does about it.
// The server decides what needs somebody; this page shows it and says it aloud once.

import { Link } from "../shared/link.js";
import { lost } from "../shared/lost.js";
import { fetched } from "../shared/sign_in.js";
import { told } from "../shared/told.js";
import { dragLines } from "./live/dragging.js";
import { number, of, say, stopwatch, timeOfDay } from "../shared/words.js";

const AT_MOST_EVERY_MS = 1000;
const UNDO_MS = 10_000; // as long as the server takes anything back
const AT_LEAST_EVERY_MS = 10_000; // waits grow and devices go without any event
const byId = (id) => document.getElementById(id);

const link = new Link({}, () => lost(link));
let hall = null;
let heard = new Set();

// ---- asking for the hall ----

let asked_ms = 0, again = 0, asking = false;

function askSoon() {
  clearTimeout(again);
  again = setTimeout(ask, Math.max(0, asked_ms + AT_MOST_EVERY_MS - Date.now()));
}

async function ask() {
  if (asking) return askSoon();
  asking = true;
  asked_ms = Date.now();
  try {
    const answer = await fetched(`/api/v1/overview?language=${told.language}`);
    if (answer.ok) show(await answer.json());
  } catch {
    // The link's banner says that the server is gone.
  } finally {
    asking = false;
    clearTimeout(again);
    again = setTimeout(ask, AT_LEAST_EVERY_MS);
  }
}

link.on("board", askSoon);
ask();

// ---- showing it ----

function show(overview) {
  hall = overview;
  showAlerts(overview.alerts);
  showFigures(overview);
  overview.lines.forEach(showLine);
  overview.counters.forEach(showCounter);
  showDevices(overview.devices);
  showServices(overview.stopped);
}

function showAlerts(alerts) {
  const keys = alerts.map((alert) => `${alert.trouble} ${alert.subject}`);
  fill(byId("alerts"), alerts, (alert) => {
    const item = element("li", alert.sentence);
    item.dataset.trouble = alert.trouble;
    return item;
  });
  byId("all-well").hidden = alerts.length > 0;
  if (byId("sound").checked && keys.some((key) => !heard.has(key))) chime();
  heard = new Set(keys);
  document.title = alerts.length ? document.title.replace(/^(\(.*?\) )?/, `(${number(alerts.length)}) `)
    : document.title.replace(/^\(.*?\) /, "");
}

function showFigures({ today, lines }) {
  const longest = Math.max(0, ...lines.map((line) => line.longest_wait_s ?? 0));
  const figures = {
    waiting_now: number(today.waiting),
    longest_now: today.waiting ? minutes(longest) : "–",
    tickets: number(today.tickets),
    completed: number(today.completed),
    mean_wait: today.mean_wait_s === null ? "–" : minutes(today.mean_wait_s),
    within_target: today.within_target === null ? "–" : number(`${Math.floor(today.within_target * 100)}%`),
  };
  for (const [name, text] of Object.entries(figures)) {
    put(document.querySelector(`[data-figure=${name}] dd`), text);
  }
  put(byId("usual"), usual(today));
}

function usual({ tickets, usual_tickets }) {
  if (usual_tickets === null) return "";
  const more = Math.round(tickets - usual_tickets);
  if (!more) return say("live.usual_same");
  return say(more > 0 ? "live.usual_more" : "live.usual_less", { count: Math.abs(more) });
}

function showLine({ line, waiting, longest_wait_s, open_counters }) {
  const row = document.querySelector(`[data-line="${line}"]`);
  put(row.querySelector("[data-of=waiting]"), number(waiting));
  put(row.querySelector("[data-of=longest]"), longest_wait_s === null ? "–" : minutes(longest_wait_s));
  put(row.querySelector("[data-of=open]"), number(open_counters));
  row.classList.toggle("long", longest_wait_s > told.target_minutes * 60);
  row.classList.toggle("unserved", waiting > 0 && !open_counters);
  row.classList.toggle("busy", waiting > 0);
}

function showCounter(counter) {
  const card = document.querySelector(`[data-counter="${counter.counter}"]`);
  card.dataset.state = counter.state;
  const state = say(`live.state.${counter.state}`);
  put(card.querySelector(".state"), counter.reason ? `${state} · ${counter.reason}` : state);
  put(card.querySelector(".number"), counter.number === null ? "" : number(counter.number));
  put(card.querySelector(".service"), counter.service ? of(told.services[counter.service].name) : say("live.nobody"));
  fill(card.querySelector(".of-lines"), counter.lines, chip);
  card.querySelector("header b").dataset.lines = counter.lines.join(" ");
  card.classList.toggle("empty", counter.number === null);
  showSince(card, counter);
}

function chip(line) {
  const made = element("span", told.lines[line].letter);
  made.className = "letter held";
  made.dataset.lines = line;
  made.title = of(told.lines[line].name);
  return made;
}

function showSince(card, { since, ticket_state }) {
  const time = since && stopwatch((link.now() - Date.parse(since)) / 1000);
  const key = ticket_state === "serving" ? "live.serving_since" : "live.called_since";
  put(card.querySelector(".since"), time ? say(key, { time }) : "");
}

setInterval(() => {
  for (const counter of hall?.counters ?? []) {
    if (counter.since) showSince(document.querySelector(`[data-counter="${counter.counter}"]`), counter);
  }
}, 1000);

function showDevices(devices) {
  fill(byId("devices"), devices, (device) => {
    const item = element("li");
    item.dataset.connected = device.connected;
    item.append(element("b", say(`live.role.${device.role}`, { id: device.counter ?? device.id })), element("span", presence(device)));
    for (const note of device.notes) item.append(element("em", note));
    return item;
  });
  byId("no-devices").hidden = devices.length > 0;
}

function presence({ connected, since }) {
  if (connected) return say("live.connected");
  return since ? say("live.gone_since", { time: timeOfDay(since) }) : say("live.gone");
}

function showServices(stopped) {
  for (const item of byId("services").children) {
    const reason = stopped[item.dataset.service];
    item.classList.toggle("stopped", Boolean(reason));
    const mark = item.querySelector("em");
    mark.hidden = !reason;
    put(mark, reason ? `${say("live.stopped")}: ${of(reason)}` : "");
    put(item.querySelector("button"), say(reason ? "live.offer" : "live.stop"));
  }
  findServices();
}

// There may be 95: those that are stopped are always shown, of the others what is looked for.
function findServices() {
  const wanted = byId("find").value.trim().toLocaleLowerCase();
  const all = byId("all").getAttribute("aria-pressed") === "true";
  for (const item of byId("services").children) {
    const found = wanted && item.querySelector(".name").textContent.toLocaleLowerCase().includes(wanted);
    item.hidden = !(item.classList.contains("stopped") || (wanted ? found : all));
  }
}

byId("find").addEventListener("input", findServices);
byId("all").addEventListener("click", ({ target }) => {
  const all = target.getAttribute("aria-pressed") !== "true";
  target.setAttribute("aria-pressed", all);
  put(target, say(all ? "live.show_stopped" : "live.show_all"));
  byId("find").value = "";
  findServices();
});

const minutes = (seconds) =>
  seconds < 60 ? say("live.under_a_minute") : say("live.minutes", { count: Math.floor(seconds / 60) });

// ---- what a manager does ----

async function tell(command, body, done = "") {
  showUndo(null);
  const answer = await link.command(command, body);
  byId("answer").textContent = answer.ok ? done : answer.problem?.detail ?? say("live.not_done");
  byId("answered").classList.toggle("refused", !answer.ok);
  askSoon();
  return answer;
}

byId("services").addEventListener("click", (event) => {
  const item = event.target.closest("button")?.closest("li");
  if (!item) return;
  const { service } = item.dataset;
  if (hall?.stopped[service]) tell("offer", { service });
  else openStop(service);
});

function openStop(service) {
  const dialog = byId("stop");
  dialog.dataset.about = service;
  byId("stop-title").textContent = say("live.stop_title", { service: of(told.services[service].name) });
  for (const field of dialog.querySelectorAll("input")) field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
}

byId("stop").addEventListener("click", ({ target }) => {
  if (!target.dataset.reason) return;
  for (const field of byId("stop").querySelectorAll("input")) {
    field.value = say(`live.reason_${target.dataset.reason}.${field.name}`);
  }
});

byId("stop").addEventListener("close", ({ target: dialog }) => {
  if (dialog.returnValue !== "stop") return;
  const reason = Object.fromEntries([...dialog.querySelectorAll("input")].map(({ name, value }) => [name, value.trim()]));
  tell("stop", { service: dialog.dataset.about, reason });
});

byId("counters").addEventListener("click", ({ target }) => {
  const card = target.closest("button") && target.closest("[data-counter]");
  if (!card || !hall) return;
  const { lines } = hall.counters.find(({ counter }) => counter === card.dataset.counter);
  const dialog = byId("of-lines");
  dialog.dataset.about = card.dataset.counter;
  dialog.dataset.before = lines.join();
  byId("of-lines-title").textContent = say("live.lines_of", { counter: card.dataset.counter });
  for (const box of dialog.querySelectorAll("input")) box.checked = lines.includes(box.name);
  dialog.returnValue = "";
  dialog.showModal();
  needOneLine();
});

// A counter that serves no line would call nobody.
function needOneLine() {
  byId("of-lines").querySelector("button.main").disabled = !byId("of-lines").querySelector("input:checked");
}
byId("of-lines").addEventListener("change", needOneLine);

byId("of-lines").addEventListener("close", ({ target: dialog }) => {
  if (dialog.returnValue !== "save") return;
  const before = dialog.dataset.before.split(",");
  const chosen = [...dialog.querySelectorAll("input:checked")].map(({ name }) => name);
  // Those that it served keep their order, its main line first; new ones come after.
  const lines = [...before.filter((line) => chosen.includes(line)), ...chosen.filter((line) => !before.includes(line))];
  tell("open", { counter: dialog.dataset.about, lines });
});

// ---- a line, dragged to a counter ----

dragLines(whatWouldBe, async (lines, card) => {
  const { counter, does } = whatWouldBe(lines, card);
  if (!does) return;
  const done = say("live.serves_now", { counter: counter.counter, lines: names(lines) });
  const answer = await tell("open", { counter: counter.counter, lines: [...counter.lines, ...missing(counter, lines)] }, done);
  if (answer.ok) showUndo({ counter: counter.counter, last: answer.sequence, until: Date.now() + UNDO_MS });
});

const missing = (counter, lines) => lines.filter((line) => !counter.lines.includes(line));
const named = (line) => `${told.lines[line].letter} – ${of(told.lines[line].name)}`;
const names = (lines) => (lines.length > 1 ? lines.map((line) => told.lines[line].letter).join(" ") : named(lines[0]));

function whatWouldBe(lines, card) {
  const counter = card && hall?.counters.find((one) => one.counter === card.dataset.counter);
  if (!counter) return { sentence: say("live.drop_where", { lines: names(lines) }), does: false };
  const fresh = missing(counter, lines), does = fresh.length > 0;
  const key = does ? `live.would.${counter.state}` : "live.has_already";
  return { counter, does, sentence: say(key, { counter: counter.counter, lines: names(does ? fresh : lines) }) };
}

let undoing = null;

function showUndo(action) {
  clearInterval(undoing?.timer);
  undoing = action && { ...action, timer: setInterval(countDown, 250) };
  byId("undo").hidden = !action;
  if (action) countDown();
}

function countDown() {
  const left = Math.ceil((undoing.until - Date.now()) / 1000);
  if (left > 0) return put(byId("undo"), say("live.undo", { seconds: left }));
  showUndo(null);
  put(byId("answer"), "");
}

byId("undo").addEventListener("click", () => {
  const { counter, last } = undoing;
  tell("undo", { counter, last }, say("live.undone", { counter }));
});

// ---- sound ----

let audio = null;

byId("sound").addEventListener("change", ({ target }) => {
  localStorage.setItem("live-sound", target.checked ? "on" : "");
  if (target.checked) chime(); // a browser lets a page sound only after a person has touched it
});
byId("sound").checked = localStorage.getItem("live-sound") === "on";

function chime() {
  audio ??= new AudioContext();
  [660, 880].forEach((hertz, place) => {
    const tone = audio.createOscillator(), loudness = audio.createGain(), at = audio.currentTime + place * 0.18;
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.15, at);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  });
}

// ---- the page's own parts ----

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

// Only what differs is touched, so that a screen reader is told of changes alone.
function put(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function fill(list, values, make) {
  const items = values.map(make);
  const same = list.children.length === items.length && items.every((item, place) => item.isEqualNode(list.children[place]));
  if (!same) list.replaceChildren(...items);
}
