// Who can sign in: a list, and one dialog for somebody new or something new. What it may be, the server says.

import { ask, goToSignIn } from "../shared/sign_in.js";
import { told } from "../shared/told.js";
import { say } from "../shared/words.js";

const list = document.getElementById("people"), said = document.getElementById("said");
const dialog = document.getElementById("person-dialog"), removing = document.getElementById("remove-dialog");
const [name, role, secret] = ["name", "role", "secret"].map((id) => document.getElementById(id));
const wrong = document.getElementById("wrong"), removeWrong = document.getElementById("remove-wrong");
let person = null; // whom the open dialog is about; null for somebody new

async function load() {
  const answer = await ask("GET", "/people");
  if (answer.code === "not_signed_in") return goToSignIn();
  if (!answer.ok) return tell(answer.detail);
  list.replaceChildren(...answer.people.map(row));
  document.getElementById("alone").hidden = answer.people.length > 1;
}

function row(one) {
  const item = document.createElement("li");
  const called = document.createElement("b"), name = document.createElement("bdi"), what = document.createElement("span"), ends = document.createElement("div");
  name.textContent = one.name;
  called.append(name);
  what.textContent = say(`people.role_${one.role}`);
  ends.append(button(say("people.change"), one, () => open(one)), button(say("people.remove"), one, () => askBack(one)));
  item.append(called, what, ends);
  return item;
}

function button(text, one, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", `${text}: ${one.name}`);
  made.addEventListener("click", press);
  return made;
}

function open(one) {
  person = one;
  document.getElementById("person-title").textContent = one ? say("people.change_of", { name: one.name }) : say("people.add");
  document.getElementById("name-part").hidden = Boolean(one);
  name.value = one?.name ?? "";
  role.value = one?.role ?? "clerk";
  secret.value = wrong.textContent = "";
  explain();
  dialog.showModal();
  (one ? role : name).focus();
}

function explain() {
  const kind = told.kinds[role.value];
  const stays = person && told.kinds[person.role] === kind;
  secret.inputMode = kind === "pin" ? "numeric" : "text";
  document.getElementById("secret-label").textContent = say(person ? `people.new_${kind}` : `people.${kind}`);
  document.getElementById("secret-hint").textContent = `${say(`people.${kind}_rule`)} ${stays ? say("people.stays") : ""}`;
}

function askBack(one) {
  person = one;
  removeWrong.textContent = "";
  document.getElementById("remove-title").textContent = say("people.remove_of", { name: one.name });
  removing.showModal();
  removing.querySelector("[data-back]").focus();
}

function tell(sentence) { said.textContent = sentence; }

function done(sentence) {
  dialog.close();
  removing.close();
  tell(sentence);
  return load();
}

document.getElementById("person").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (person && role.value === person.role && !secret.value) return dialog.close(); // nothing is to be different
  const answer = person
    ? await ask("POST", `/people/${person.id}`, { role: role.value === person.role ? null : role.value, secret: secret.value || null })
    : await ask("POST", "/people", { name: name.value.trim(), role: role.value, secret: secret.value });
  if (answer.code === "not_signed_in") return goToSignIn();
  if (answer.ok) return done(say(person ? "people.changed" : "people.added", { name: person?.name ?? answer.name }));
  wrong.textContent = answer.code === "bad_message" ? say("people.all_fields") : answer.detail;
  (answer.code === "name_taken" || !name.value.trim() ? name : secret).focus();
});

document.getElementById("remove").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await ask("DELETE", `/people/${person.id}`);
  if (answer.code === "not_signed_in") return goToSignIn();
  if (answer.ok) return done(say("people.removed", { name: person.name }));
  removeWrong.textContent = answer.detail;
});

for (const back of document.querySelectorAll("[data-back]")) {
  back.addEventListener("click", () => back.closest("dialog").close());
}
role.addEventListener("change", explain);
document.getElementById("add").addEventListener("click", () => open(null));
load();
