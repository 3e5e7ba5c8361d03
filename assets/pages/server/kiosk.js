// The kiosk in a browser, from touch to touch: what is offered is asked for, a touch makes the next page, an order goes
// to the kiosk that prints. It is the face only: the kiosk gives the numbers.

import { Link } from "../shared/link.js";
import { told } from "../shared/told.js";
import { timeOfDay } from "../shared/words.js";
import { Offers } from "./kiosk/offers.js";
import { kept, made, seenThrough } from "./kiosk/order.js";
import { Picture } from "./kiosk/picture.js";
import { finish, fresh, isPatient, leftSeconds, shown, touch, WARN_S } from "./kiosk/visit.js";

const TURN_MS = 200, BOUNCE_MS = 300;
const asked = new URLSearchParams(location.search);
const at = asked.get("at") ?? (told.kiosks.length === 1 ? told.kiosks[0] : null);
const idle_s = Math.min(120, Math.max(12, Number(asked.get("idle")) || 30));
const strong = asked.get("theme") === "contrast";

const offers = new Offers(at);
const link = new Link({}, () => offers.look());
const picture = new Picture(act, stay);
let visit = fresh(), since_ms = performance.now(), changed_ms = -BOUNCE_MS, isTimeTrusted = false;

link.on("hello", (hello) => { isTimeTrusted = hello.trust !== "none"; });
link.on("board", () => offers.look());
for (const event of ["pointerdown", "keydown", "wheel", "touchmove"]) addEventListener(event, stay, { passive: true });
addEventListener("keydown", (event) => { if (event.key === "Escape" && visit.trail.length) act({ do: "back" }); });
addEventListener("contextmenu", (event) => event.preventDefault());
setInterval(turn, TURN_MS);
resume();
turn();

// The page was loaded anew while an order was on its way: with other settings, or by a browser that came again.
function resume() {
  const order = kept();
  if (!order) return;
  visit = { ...visit, language: order.language, page: "printing", printing: order.what };
  carryOut(order);
}

function seconds() { return (performance.now() - since_ms) / 1000; }

// Somebody is there.
function stay() {
  since_ms = performance.now();
  picture.warn(null);
}

// A finger that trembles touches twice; keys are typed as fast as anybody likes.
function act(action) {
  const now = performance.now(), isKey = action.do === "type";
  if (!isKey && now - changed_ms < BOUNCE_MS) return;
  if (!isKey) changed_ms = now;
  stay();
  if (action.do === "choose-kiosk") {
    asked.set("at", action.kiosk);
    location.search = asked;
    return;
  }
  const next = touch(visit, action, offers.of);
  visit = next.visit;
  turn();
  if (next.order) carryOut(made(at, next.order.what, next.order.wish, visit.language));
}

async function carryOut(order) {
  end(await seenThrough(order, () => end({ outcome: "unsettled" })));
}

function end(result) {
  const next = finish(visit, result);
  if (next === visit) return;
  visit = next;
  since_ms = performance.now();
  turn();
}

function turn() {
  const stands = { at, now: offers.now, isStale: offers.isStale(link), strong, kiosks: offers.kiosks };
  const left = leftSeconds(visit, idle_s) - seconds();
  if (left <= 0) visit = fresh(visit);
  const page = shown(visit, stands);
  picture.show(visit, page, stands);
  picture.clock(isTimeTrusted && link.up ? timeOfDay(link.now()) : "");
  picture.warn(isPatient(page) && left > 0 && left <= WARN_S ? Math.ceil(left) : null, visit.language);
  if (page === "categories" && offers.isOutdated()) location.reload();
}
