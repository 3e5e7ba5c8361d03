// The tablet at a counter, which faces the visitor: the number that is called or served there and, for half a minute after
// a visit, how it was. The server says whether to ask; nothing but the tap is sent.

import { Link } from "../shared/link.js";
import { lost } from "../shared/lost.js";
import { told } from "../shared/told.js";
import { number } from "../shared/words.js";

const byId = (id) => document.getElementById(id);
const address = `/counter/${encodeURIComponent(told.counter)}/tablet`;
let seen = null; // the visit at the counter as it was told last
let visit = null; // the visit that is asked about
let asking = 0, thanking = 0;

const link = new Link({ role: "page", counter: told.counter }, () => lost(link));
link.on("counter", (view) => { show(view); });
for (const button of document.querySelectorAll("[data-score]")) button.addEventListener("click", () => rate(button.dataset.score));

function show({ state, ticket, sequence }) {
  if (seen && sequence < seen.sequence) return;
  const text = ticket ? number(ticket.number) : "";
  if (byId("number").textContent !== text) byId("number").textContent = text;
  byId("now").dataset.state = ticket?.state ?? state;
  const before = seen?.about;
  seen = { sequence, about: `${ticket?.id} ${ticket?.state}` };
  if (before !== seen.about) look();
}

// Whether there is a visit to ask about: after each change at this counter, and again when its time is over.
async function look() {
  clearTimeout(asking);
  const answer = await fetch(`${address}.json`).catch(() => null);
  const said = answer?.ok ? await answer.json() : { visit: null };
  visit = said.visit;
  byId("rate").hidden = !visit;
  if (visit) {
    thank(null);
    asking = setTimeout(look, said.seconds * 1000 + 500);
  }
  document.body.classList.toggle("asks", Boolean(visit));
}

async function rate(score) {
  const about = visit;
  if (!about) return;
  visit = null;
  clearTimeout(asking);
  byId("rate").hidden = true;
  const answer = await fetch(`${address}/feedback`, { method: "POST", body: new URLSearchParams({ visit: about, score }) }).catch(() => null);
  thank(answer?.ok ? "thanks" : "not-counted");
  document.body.classList.remove("asks");
}

function thank(what) {
  clearTimeout(thanking);
  for (const id of ["thanks", "not-counted"]) byId(id).hidden = id !== what;
  if (what) thanking = setTimeout(() => thank(null), told.thanks_s * 1000);
}
