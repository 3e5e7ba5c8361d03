// Devices that wait to be admitted, and those that were. The code stands on the device's own screen alone: who admits it
// has stood before it.

import { fetched } from "../shared/sign_in.js";
import { told } from "../shared/told.js";
import { number, say } from "../shared/words.js";

const LOOK_MS = 3000;
const byId = (id) => document.getElementById(id);
const shown = new Map(); // what waits, by its pairing: its item keeps what was typed
let devices = [];

async function ask(path, body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  try {
    const answer = await fetched(`/api/v1${path}?language=${told.language}`, { cache: "no-store", ...options });
    return { ok: answer.ok, status: answer.status, body: await answer.json() };
  } catch {
    return { ok: false, status: 0, body: { detail: say("page.lost") } };
  }
}

// ---- what waits ----

function what({ role, place }) {
  const name = say(`devices.role.${role}`);
  return place === null ? name : say("devices.at", { what: name, place });
}

const isBrowser = ({ role }) => role === "face" || role === "tablet";

// A name to begin with; a board has no place, so its own id tells it from the next one.
function suggested(one) {
  const name = one.place === null ? say("devices.at", { what: what(one), place: one.id }) : what(one);
  return plain(name);
}

const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");

// The code as the device shows it, in two halves, whatever spaces were typed or pasted with it.
function group(input) {
  if (input.selectionStart < input.value.length) return; // somebody mends it in the middle
  const said = input.value.replace(/[\s-]/g, "");
  input.value = said.length > 3 ? `${said.slice(0, 3)} ${said.slice(3)}` : said;
}

function showWaiting(waiting) {
  const there = new Set(waiting.map((one) => one.pairing));
  for (const [id, item] of shown) if (!there.has(id)) { item.remove(); shown.delete(id); }
  for (const one of waiting) if (!shown.has(one.pairing)) byId("waiting").append(added(one));
  byId("waiting-how").hidden = waiting.length === 0;
  byId("nobody-waits").hidden = waiting.length > 0;
}

function added(one) {
  const item = make("li");
  const code = make("input", { className: "code", required: true, maxLength: 24, autocomplete: "off", spellcheck: false, dir: "ltr" });
  const name = make("input", { required: true, maxLength: 60, value: suggested(one), autocomplete: "off" });
  code.setAttribute("autocapitalize", "characters");
  code.addEventListener("input", () => group(code));
  const refused = make("p", { className: "refused" });
  refused.setAttribute("role", "alert");
  const press = make("button", { className: "main" }, say("devices.admit"));
  const form = make("form", {}, labelled(say("devices.code"), code), labelled(say("devices.name"), name), press);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    press.disabled = true;
    byId("notice").hidden = true; // it was about something else
    refused.textContent = await admit(one, code.value, name.value) ?? "";
    press.disabled = false;
    if (refused.textContent) code.select();
  });
  item.append(
    make("h3", {}, what(one)),
    make("p", { className: "hint" }, say(isBrowser(one) ? "devices.browser_asks" : "devices.asks", { id: one.id, address: one.address, time: moment(one.since) })),
    form, refused);
  shown.set(one.pairing, item);
  return item;
}

// Admit it; what was refused, as a sentence.
async function admit(one, code, name) {
  const older = devices.filter((device) => one.role === "kiosk" && device.role === "kiosk" && device.place === one.place);
  const names = older.map((device) => device.name).join(", ");
  if (older.length && !await asks(say("devices.replace", { place: one.place }), say("devices.replace_how", { names }), say("devices.replace_yes"))) return null;
  const answer = await ask("/devices", { pairing: one.pairing, code, name });
  if (answer.ok) {
    const { device, replaces } = answer.body;
    tell(replaces.length
      ? say("devices.admitted_instead", { name: device.name, names: replaces.join(", ") })
      : say("devices.admitted_now", { name: device.name }));
  } else if (answer.body.left === 0) tell(say(isBrowser(one) ? "devices.browser_over" : "devices.over"));
  else if (answer.body.code === "pairing_over") tell(answer.body.detail);
  await look();
  return answer.ok ? null : answer.body.detail;
}

// ---- what was admitted ----

function showDevices() {
  const focused = document.activeElement?.closest("#devices li")?.dataset.device;
  byId("devices").replaceChildren(...devices.map(shownDevice));
  if (focused) document.querySelector(`#devices [data-device="${focused}"] button`)?.focus();
  byId("no-devices").hidden = devices.length > 0;
}

function shownDevice(device) {
  const item = make("li");
  item.dataset.device = device.id;
  item.dataset.connected = device.connected;
  const press = make("button", { type: "button", className: "danger" }, say("devices.revoke"));
  press.setAttribute("aria-label", say("devices.revoke_of", { name: device.name }));
  press.addEventListener("click", () => revoke(device));
  const until = device.until && make("p", {}, say("devices.until", { time: moment(device.until) }));
  item.append(...[
    make("h3", {}, device.name), device.name !== plain(what(device)) && make("p", {}, what(device)), make("p", {}, say("devices.since", { time: moment(device.since) })),
    until, make("p", { className: "state" }, state(device)), press,
  ].filter(Boolean));
  return item;
}

function state({ connected, seen }) {
  if (connected) return say("devices.connected");
  return seen ? say("devices.seen", { time: moment(seen) }) : say("devices.not_connected");
}

async function revoke(device) {
  if (!await asks(say("devices.revoke_title", { name: device.name }), say("devices.revoke_how"), say("devices.revoke_yes"))) return;
  const answer = await ask(`/devices/${device.id}/revoke`, {});
  tell(answer.ok ? say("devices.revoked", { name: device.name }) : answer.body.detail);
  await look();
}

// ---- what all of it is made of ----

function make(name, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}

const labelled = (text, input) => make("label", {}, text, input);

function moment(instant) {
  const parts = { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: told.zone };
  return number(new Intl.DateTimeFormat(told.language === "ar" ? "ar-SY-u-nu-latn" : "en-GB", parts).format(new Date(instant)));
}

function tell(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = false;
}

// Ask back before something happens: whether it shall.
function asks(title, text, yes) {
  const dialog = byId("ask");
  byId("ask-title").textContent = title;
  byId("ask-text").textContent = text;
  byId("ask-yes").textContent = yes;
  return new Promise((answered) => {
    dialog.onclose = () => answered(dialog.returnValue === "yes");
    byId("ask-yes").onclick = () => dialog.close("yes");
    byId("ask-no").onclick = () => dialog.close("");
    dialog.returnValue = "";
    dialog.showModal();
  });
}

let was = "";

async function look() {
  const answer = await ask("/devices");
  byId("lost").hidden = answer.ok;
  if (!answer.ok) {
    byId("lost").textContent = answer.body.detail;
    return;
  }
  showWaiting(answer.body.waiting);
  devices = answer.body.devices;
  if (JSON.stringify(devices) === was) return; // who reads it aloud or points at it is not disturbed
  was = JSON.stringify(devices);
  showDevices();
}

look();
setInterval(() => { if (!document.hidden) look(); }, LOOK_MS);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
