// The buttons that send the day that is shown, on the ways that the server's settings have switched on.

import { fetched } from "../../shared/sign_in.js";
import { told } from "../../shared/told.js";
import { say } from "../../shared/words.js";

const said = document.getElementById("sent");
const ways = fetched("/reports/ways").then((answer) => answer.json()).then(({ ways }) => ways).catch(() => []);
let day = null;

// Shows the buttons for this day; for null none, since only single days are sent.
export async function sendable(shown) {
  if (shown !== day) said.textContent = "";
  day = shown;
  const there = await ways;
  for (const button of document.querySelectorAll("[data-way]")) button.hidden = !day || !there.includes(button.dataset.way);
}

for (const button of document.querySelectorAll("[data-way]")) button.addEventListener("click", () => send(button));

async function send(button) {
  button.disabled = true;
  said.textContent = say("reports.sending");
  const answer = await fetched(`/reports/${button.dataset.way}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ day, language: told.language }),
  }).catch(() => null);
  const { sentence } = (await answer?.json().catch(() => null)) ?? {};
  said.textContent = sentence ?? say("reports.not_sent");
  button.disabled = false;
}
