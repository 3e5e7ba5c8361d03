// The board in a browser, from moment to moment: take the news, show it, announce new calls, and say when nothing comes.

import { Link } from "../shared/link.js";
import { told } from "../shared/told.js";
import { Knowledge } from "./board/knowledge.js";
import { Picture } from "./board/picture.js";
import { Sound } from "./board/sound.js";

// WCAG 2.2, 2.3.1: no more than three flashes in any second. One is enough to be noticed and calm enough to be read.
const FLASHES_MS = 6000, FLASH_EVERY_MS = 1000, FRESH_MS = 20000;
const PATIENCE_MS = 500; // the link notices a silent server within 9 s, and a board says so within 10
const HINT_MS = 60000;
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

const asked = new URLSearchParams(location.search);
document.documentElement.dataset.theme = asked.get("theme") === "light" ? "light" : "dark";

const knowledge = new Knowledge();
const picture = new Picture({ inches: Number(asked.get("inches")), metres: Number(asked.get("metres")) });
const hint = document.getElementById("sound");
const loaded = Date.now();
const sound = new Sound((mute) => {
  picture.mute(mute);
  hint.hidden = told.preview || !mute || Date.now() - loaded > HINT_MS;
});
setTimeout(() => { hint.hidden = true; }, HINT_MS);

let announced = new Map(); // when each call on the board was announced
let isTimeTrusted = false;

// A preview of settings that nobody has stored shows an invented hall, to which nothing comes live.
const still = { up: true, now: () => Date.parse(told.preview.at) };
// It only looks on: nobody has signed in at a television, and nobody has admitted it.
const link = told.preview ? still : new Link({}, (up) => { if (!up) knowledge.loseServer(); });
if (told.preview) {
  isTimeTrusted = true;
  hear(told.preview);
} else {
  link.on("hello", greet);
  link.on("board", hear);
}
addEventListener("resize", () => picture.arrange());
document.fonts?.ready.then(() => picture.arrange());
setInterval(look, 250);
stayAwake();
document.addEventListener("visibilitychange", stayAwake);

// The link begins anew with another log or other settings; the page itself may have been renewed as well.
function greet(hello) {
  isTimeTrusted = hello.trust !== "none";
  reloadIfRenewed();
}

async function reloadIfRenewed() {
  const page = await fetch(location.href, { cache: "no-cache" }).then((answer) => (answer.ok ? answer.text() : ""), () => "");
  if (page && !page.includes(`"${told.version}"`)) location.reload();
}

function hear(board) {
  const fresh = knowledge.hear(board), now = Date.now();
  const known = board.calls.map((call) => [call.call, announced.get(call.call)]).filter(([, at]) => at);
  announced = new Map([...known, ...fresh.map((call) => [call.call, now])]);
  if (fresh.length) sound.ring();
  look();
}

// Four times a second; what has not changed is not drawn again.
function look() {
  const now = Date.now(), { board } = knowledge;
  const stale = board && !link.up && now - link.since >= PATIENCE_MS;
  picture.tell(isTimeTrusted ? link.now() : null);
  picture.foot(stale ? (now - link.since) / 1000 : null, now);
  if (!board) return;
  const latest = announced.get(board.calls[0]?.call) ?? 0;
  picture.show(board, new Set([...announced].filter(([, at]) => now - at < FRESH_MS).map(([call]) => call)));
  picture.flash(now - latest < FLASHES_MS && (CALM.matches || (now - latest) % FLASH_EVERY_MS < FLASH_EVERY_MS / 2));
}

// A screen that nobody touches would go dark. Browsers allow this to pages that came safely (https or this machine).
function stayAwake() {
  if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
}
