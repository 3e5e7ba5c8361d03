// A browser that shall be a screen of the centre shows its code until a manager has typed it; then it goes where it was
// going. The token comes as a cookie, which no script can read.

import { told } from "../shared/told.js";
import { number, say } from "../shared/words.js";

const POLL_MS = 2000, AGAIN_MS = 10000;
const byId = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
// Nowhere but to a page of this server, whatever stands in the address.
const to = new URL(asked.get("to") ?? "/kiosk", location.origin);
const tablet = /^\/counter\/([^/]+)\/tablet$/.exec(to.pathname);
const place = tablet ? decodeURIComponent(tablet[1]) : to.searchParams.get("at") ?? (told.kiosks.length === 1 ? told.kiosks[0] : null);

byId("sign-in").href = `/sign-in?to=${encodeURIComponent(to.pathname + to.search)}`;
if (place === null) choose();
else begin();

// Whose face it is, when there are several kiosks.
function choose() {
  byId("choose").hidden = false;
  byId("kiosks").replaceChildren(...told.kiosks.map((kiosk) => {
    const item = document.createElement("li"), link = document.createElement("a");
    const there = new URLSearchParams(location.search);
    to.searchParams.set("at", kiosk);
    there.set("to", to.pathname + to.search);
    Object.assign(link, { className: "button", href: `?${there}`, textContent: kiosk });
    item.append(link);
    return item;
  }));
}

async function begin() {
  const role = tablet ? "tablet" : "face";
  byId("what").textContent = say(`screen.${role}`, { place: number(place) });
  byId("code-part").hidden = false;
  const answer = await ask("/pairing/screen", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ role, place }) });
  if (!answer.ok) return later(answer);
  byId("code").textContent = `${answer.body.code.slice(0, 3)} ${answer.body.code.slice(3)}`;
  byId("state").textContent = say("screen.waits");
  return poll(answer.body);
}

async function poll({ pairing, nonce }) {
  const answer = await ask(`/pairing/${pairing}`, { headers: { Authorization: `Pairing ${nonce}` } });
  if (answer.body.state === "admitted") return location.replace(location.origin + to.pathname + to.search);
  if (answer.status === 404) return begin();
  byId("state").textContent = answer.ok ? say("screen.waits") : answer.body.detail;
  return setTimeout(() => poll({ pairing, nonce }), POLL_MS);
}

function later(answer) {
  byId("code").textContent = "";
  byId("state").textContent = answer.body.detail;
  setTimeout(begin, AGAIN_MS);
}

async function ask(path, options) {
  try {
    const answer = await fetch(`/api/v1${path}?language=${told.language}`, { cache: "no-store", ...options });
    return { ok: answer.ok, status: answer.status, body: await answer.json() };
  } catch {
    return { ok: false, status: 0, body: { detail: say("page.lost") } };
  }
}
