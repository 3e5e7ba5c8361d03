// The first administrator: the code that the server printed, a name, and a password twice.

import { ask, remember } from "../shared/sign_in.js";
import { say } from "../shared/words.js";

const form = document.getElementById("first-start"), wrong = document.getElementById("wrong");
const [code, name, secret, again] = ["code", "name", "secret", "again"].map((id) => document.getElementById(id));
const go = form.querySelector("[type=submit]");

function refuse(sentence, field) {
  wrong.textContent = sentence;
  for (const one of [code, name, secret, again]) one.toggleAttribute("aria-invalid", false);
  field.setAttribute("aria-invalid", "true");
  field.focus();
  wrong.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const empty = [code, name, secret, again].find((field) => !field.value.trim());
  if (empty) return refuse(say("first_start.all"), empty);
  if (secret.value !== again.value) return refuse(say("first_start.differ"), again);
  go.disabled = true;
  const answer = await ask("POST", "/first-start", { code: code.value, name: name.value.trim(), secret: secret.value });
  go.disabled = false;
  if (!answer.ok) return refuse(answer.detail, answer.code === "weak_secret" ? secret : code);
  remember(answer.name, answer.role);
  location.replace("/people"); // who else shall come in
});

form.querySelector("fieldset").disabled = false;
code.focus();
