// How the draft will look: the slip as it is printed, and the board in a frame.

import { told } from "../../shared/told.js";
import { say } from "../../shared/words.js";
import { byId, make } from "./elements.js";
import { picture, send } from "./requests.js";

const BOARD = { width: 1280, height: 720 }; // the frame is drawn as a television and made as small as the dialog

export function showPreview(page, service) {
  const services = page.draft.rows("service");
  byId("preview-service").replaceChildren(...services.map((one) =>
    make("option", { value: one.id, selected: one.id === service }, page.name("service", one))));
  byId("preview-language").replaceChildren(...page.languages().map((code) => make("option", { value: code }, say(`admin.choice.${code}`))));
  byId("preview").showModal();
  choose(page, "slip");
}

// Which of both is looked at; told once, when the page is made.
export function listenToPreview(page) {
  for (const kind of ["slip", "board"]) byId(`preview-of-${kind}`).addEventListener("click", () => choose(page, kind));
  for (const part of ["service", "language"]) byId(`preview-${part}`).addEventListener("change", () => showSlip(page));
  byId("preview-close").addEventListener("click", () => byId("preview").close());
  byId("preview").addEventListener("close", () => byId("preview-board").removeAttribute("src"));
  addEventListener("resize", fit);
}

function choose(page, kind) {
  for (const one of ["slip", "board"]) {
    byId(`preview-of-${one}`).setAttribute("aria-pressed", one === kind);
    byId(`preview-${one}-part`).hidden = one !== kind;
  }
  if (kind === "slip") showSlip(page);
  else showBoard(page);
}

async function showSlip(page) {
  const [service, language] = [byId("preview-service").value, byId("preview-language").value];
  const answer = await picture("/preview/slip", { settings: page.draft.settings, service, language, paper_mm: 80 });
  if (service !== byId("preview-service").value || language !== byId("preview-language").value) return;
  const image = byId("preview-slip");
  image.hidden = !answer.ok;
  if (answer.ok) image.src = answer.body;
  image.alt = say("admin.slip_of", { service: byId("preview-service").selectedOptions[0]?.textContent ?? "" });
  refusal(answer);
}

async function showBoard(page) {
  const answer = await send("/preview", { settings: page.draft.settings });
  const frame = byId("preview-board");
  frame.parentElement.hidden = !answer.ok;
  if (answer.ok) frame.src = `/board?preview=${answer.body.preview}&language=${told.language}`;
  fit();
  refusal(answer);
}

// With mistakes in it there is nothing to show.
function refusal(answer) {
  byId("preview-refused").hidden = answer.ok;
  byId("preview-refused").textContent = answer.ok ? "" : answer.status === 422 ? say("admin.preview_mistaken") : answer.body.detail ?? say("admin.no_server");
}

function fit() {
  const frame = byId("preview-board"), around = frame.parentElement;
  const scale = around.clientWidth / BOARD.width;
  frame.style.transform = `scale(${scale})`;
  around.style.height = `${BOARD.height * scale}px`;
}
