// Signing in: a name that was here before is one press, everybody else types it. A wrong secret loses nothing.

import { ask, names, remember, wanted } from "../shared/sign_in.js";
import { told } from "../shared/told.js";
import { say } from "../shared/words.js";

const form = document.getElementById("sign-in"), known = document.getElementById("known");
const namePart = document.getElementById("name-part"), secretPart = document.getElementById("secret-part");
const name = document.getElementById("name"), secret = document.getElementById("secret");
const wrong = document.getElementById("wrong"), go = form.querySelector("[type=submit]");
const asked = new URLSearchParams(location.search);
const to = wanted(asked.get("to") ?? (told.refused ? location.pathname + location.search : "/"));

function choose(one, button) {
  for (const other of known.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", other === button);
  name.value = one.name;
  namePart.hidden = true;
  secretPart.hidden = false;
  const pin = one.role === "clerk";
  secret.inputMode = pin ? "numeric" : "text";
  // At a counter that several clerks share, the browser shall not offer to keep a PIN for whoever comes next.
  secret.autocomplete = pin ? "off" : "current-password";
  document.getElementById("secret-label").textContent = say(pin ? "sign_in.pin" : "sign_in.password");
  begin(secret);
}

function other() {
  for (const button of known.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", "false");
  name.value = "";
  namePart.hidden = secretPart.hidden = false;
  secret.inputMode = "text";
  secret.autocomplete = "current-password";
  document.getElementById("secret-label").textContent = say("sign_in.secret");
  begin(name);
}

function begin(field) {
  wrong.textContent = "";
  secret.value = "";
  field.focus();
}

function showNames(those) {
  const list = known.querySelector("ul");
  for (const one of those) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = one.name;
    button.dir = "auto";
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => choose(one, button));
    list.append(document.createElement("li"));
    list.lastChild.append(button);
  }
  known.hidden = namePart.hidden = true;
  if (those.length) {
    known.hidden = false;
    secretPart.hidden = true;
    list.querySelector("button").focus();
  } else {
    other();
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!name.value.trim() || !secret.value) {
    wrong.textContent = say("sign_in.both");
    (name.value.trim() ? secret : name).focus();
    return;
  }
  go.disabled = true;
  const answer = await ask("POST", "/session", { name: name.value.trim(), secret: secret.value });
  if (answer.ok) {
    remember(answer.name, answer.role);
    location.replace(to);
    return;
  }
  go.disabled = false;
  wrong.textContent = answer.detail;
  secret.select();
  secret.focus();
});

document.getElementById("other").addEventListener("click", other);
document.getElementById("out")?.addEventListener("click", async () => {
  const answer = await ask("DELETE", "/session");
  if (answer.ok) location.assign("/sign-in");
  else wrong.textContent = answer.detail;
});

const on = document.getElementById("on"), ended = document.getElementById("ended");
if (on && !told.refused) on.href = to;
if (ended) ended.hidden = !asked.has("ended");
form.querySelector("fieldset").disabled = false;
showNames(names());
