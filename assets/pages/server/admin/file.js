// The file itself: to take home, to bring one, or to begin from an example.

import { of, say } from "../../shared/words.js";
import { button, card, joined, make, newId } from "./elements.js";
import { copyOf } from "./keys.js";
import { ask, send } from "./requests.js";

// What belongs to this place and its devices stays, whatever else an example brings.
const STAYS = ["id", "name", "timezone", "phone_address", "server_numbers_from"];

export function fileSection(page) {
  return [download(), load(page), examples(page)];
}

function download() {
  return card(say("admin.group.download"), make("p", { class: "hint" }, say("admin.download_how")),
    make("a", { class: "button", href: "/api/v1/settings/file", download: "centre.toml" }, say("admin.download")));
}

function load(page) {
  const id = newId("file");
  const input = make("input", { type: "file", id, accept: ".toml,application/toml,text/plain", "aria-describedby": `${id}-how`, class: "heard" });
  const change = async () => {
    const [file] = input.files;
    if (!file) return;
    const toml = await file.text();
    input.value = "";
    const answer = await page.asks({
      title: say("admin.load_title", { file: file.name }), text: [say("admin.load_what")], yes: say("admin.load"), danger: true,
    });
    if (answer) await page.hand(() => send("", { based_on: page.draft.digest, toml }), { forget: true });
  };
  input.addEventListener("change", change);
  return card(say("admin.group.load"), make("p", { class: "hint", id: `${id}-how` }, say("admin.load_how")),
    input, make("label", { for: id, class: "button" }, say("admin.choose_file")));
}

function examples(page) {
  const list = make("ul", { class: "examples" });
  ask("/examples").then((answer) => {
    if (!answer.ok) return page.refused(answer);
    list.append(...answer.body.map((example) => make("li", {},
      make("b", {}, of(example.name)),
      make("span", { class: "hint" }, joined([say("admin.count.service", { count: example.services }), say("admin.count.counter", { count: example.counters })])),
      button(say("admin.begin"), () => begin(page, example), { "aria-label": say("admin.begin_from", { name: of(example.name) }) }))));
  });
  return card(say("admin.group.examples"), make("p", { class: "hint" }, say("admin.examples_how")), list);
}

async function begin(page, { id, name }) {
  const answer = await page.asks({ title: say("admin.begin_title", { name: of(name) }), text: [say("admin.begin_what")], yes: say("admin.begin") });
  if (!answer) return;
  const example = await ask(`/examples/${id}`);
  if (!example.ok) return page.refused(example);
  page.draft.replace(ofThisCentre(example.body.settings, page.draft.settings));
  page.go("centre");
  page.tell(say("admin.begun", { name: of(name) }), true);
}

function ofThisCentre(example, { centre, kiosk }) {
  const settings = copyOf(example);
  for (const key of STAYS) {
    if (key in centre) settings.centre[key] = copyOf(centre[key]);
    else delete settings.centre[key];
  }
  delete settings.kiosk;
  return kiosk ? { ...settings, kiosk: copyOf(kiosk) } : settings;
}
