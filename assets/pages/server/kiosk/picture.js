// The picture of a kiosk: the page, the bar under it, and the question whether anyone is there. It is drawn anew when
// something on it changes; whoever goes by keyboard stays where they were.

import { speaker } from "../../shared/words.js";
import { told } from "../../shared/told.js";
import { drawing, make, put } from "./make.js";
import { PAGES } from "./pages.js";

const MM_PER_INCH = 25.4, COARSE_PX_PER_MM = 6.3, FINE_PX_PER_MM = 96 / MM_PER_INCH;
const DEEP = { services: 1, comfort: 1, service: 2, classes: 3, reference: 3 };
const BARE = new Set(["printing", "unsettled", "ticket", "papers", "refused", "fault", "lost", "starting"]);

const SPEAKERS = Object.fromEntries(Object.entries(told.speaks).map(([code, { words }]) => [code, speaker(code, words)]));
const $ = (id) => document.getElementById(id);

export class Picture {
  // `act` takes what a press means; `stay` hears that somebody is there.
  constructor(act, stay) {
    this._act = act;
    $("star").setAttribute("d", told.icons.star);
    $("go-on").addEventListener("click", stay);
    $("still").addEventListener("cancel", stay);
    measure();
    addEventListener("resize", measure);
  }

  // Draw a page, if anything of it is new.
  show(visit, page, stands) {
    const drawnFrom = [visit, page, stands.now, stands.strong, ...(page === "kiosks" ? [stands.kiosks] : [])];
    if (this._drawnFrom?.every((one, place) => one === drawnFrom[place])) return;
    const isNew = page !== this._drawnFrom?.[1] || visit.trail.length !== this._drawnFrom[0].trail.length;
    this._drawnFrom = drawnFrom;
    dress(visit, stands);
    const look = { visit, stands, say: SPEAKERS[visit.language], of: ofLanguage(visit.language), speakers: SPEAKERS };
    const focused = document.activeElement?.dataset?.key;
    const root = make("div", `in ${page}`, ...PAGES[page](look, this._press));
    $("page").replaceChildren(root);
    $("bar").replaceChildren(...(BARE.has(page) ? [] : this._bar(look, page)));
    $("bar").hidden = BARE.has(page);
    $("bar").classList.toggle("deep", (DEEP[page] ?? 0) > 1);
    put($("centre"), look.of(told.centre));
    this._focus(root, isNew, focused);
  }

  clock(text) { put($("clock"), text); }

  // Ask whether anyone is there, with the seconds that are left; null to be silent.
  warn(left, language) {
    const dialog = $("still");
    if (left === null) {
      if (dialog.open) dialog.close();
      return;
    }
    const say = SPEAKERS[language];
    put($("still-title"), say("kiosk.still_here"));
    put($("still-note"), say("kiosk.still_here_note", { count: left }));
    put($("go-on"), say("kiosk.go_on"));
    if (!dialog.open) dialog.showModal();
  }

  _press = (action) => () => this._act(action);

  _bar({ visit, say }, page) {
    const button = (key, icon, text, action) => make("button", `to-${key}`, icon && drawing(icon), make("span", "", text), {
      type: "button", "data-key": key, "aria-label": text, onclick: this._press(action),
    });
    const deep = DEEP[page] ?? 0;
    const others = Object.keys(told.speaks).filter((code) => code !== visit.language);
    const parts = [];
    if (deep) parts.push(button("back", "back", say("kiosk.back"), { do: "back" }));
    if (deep > 1) parts.push(button("home", "", say("kiosk.home"), { do: "home" }));
    parts.push(make("i", "room"));
    for (const code of others) {
      const speak = button("language", "language", told.speaks[code].name, { do: "speak", language: code });
      speak.lang = code;
      parts.push(speak);
    }
    if (page !== "comfort" && page !== "kiosks") {
      parts.push(button("comfort", "comfort", say("kiosk.comfort"), { do: "open", page: "comfort" }));
    }
    return parts;
  }

  _focus(root, isNew, focused) {
    if (!isNew) {
      if (focused) document.querySelector(`[data-key="${focused}"]`)?.focus();
      return;
    }
    scrollTo(0, 0);
    $("page").scrollTop = 0;
    root.querySelector("h1")?.focus({ preventScroll: true });
  }
}

function ofLanguage(language) { return (texts) => texts?.[language] ?? Object.values(texts ?? {})[0] ?? ""; }

function dress(visit, stands) {
  const root = document.documentElement, { comfort } = visit;
  root.lang = visit.language;
  root.dir = told.speaks[visit.language].direction;
  root.dataset.theme = comfort.contrast || stands.strong ? "contrast" : "light";
  root.classList.toggle("large", comfort.large);
  root.classList.toggle("low", comfort.low);
}

// How many pixels a millimetre has: by the screen's inches in the address; else as tablets and monitors usually are.
function measure() {
  const inches = Number(new URLSearchParams(location.search).get("inches"));
  const usual = matchMedia("(pointer: coarse)").matches ? COARSE_PX_PER_MM : FINE_PX_PER_MM;
  const mm = inches > 0 ? Math.hypot(screen.width, screen.height) / (inches * MM_PER_INCH) : usual;
  document.documentElement.style.setProperty("--mm", `${mm.toFixed(2)}px`);
}
