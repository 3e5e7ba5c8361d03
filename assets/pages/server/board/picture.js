// The picture of a board: what stands where. Every element is made once and only its text changes, so that a screen can
// stand for weeks.

import { number, speaker, of } from "../../shared/words.js";
import { told } from "../../shared/told.js";
import { plan } from "./layout.js";

const USUAL_NUMBER = "A012".length;
const SMALLEST = 0.72;
const TURN_MS = 12000;
const WIDE_SPACE = "\u2003";
const MINUTES = 60, HOURS = 3600;

// Of the font's size, as Vazirmatn is drawn.
const CAPITAL_OF_FONT = 0.711;

const languages = [told.language, ...Object.keys(told.speaks).filter((one) => one !== told.language)];
const speak = languages.map((language) => speaker(language, told.speaks[language]));
const $ = (id) => document.getElementById(id);

export class Picture {
  // `screen` has the inches and metres of the address, if it has any.
  constructor(screen) {
    this._screen = screen;
    this._length = USUAL_NUMBER;
    this._rows = [];
    $("waiting-title").append(...inBothLanguages("board.waiting"));
    $("counters").append(make("p", "", ...inBothLanguages("board.open_counters")));
    $("sound").append(...inBothLanguages("board.for_sound"));
    this._latest = call("div", { labels: true });
    this._calm = make("div", "calm", ...languages.map((lang) => make("p", "", make("b"), make("span"), { lang, dir: "auto" })));
    $("latest").append(this._latest, this._calm);
    this._counters = new Map();
    this._lines = new Map();
    this._dates = languages.map((language) => make("span", "", { lang: language, dir: "auto" }));
    $("dates").append(...this._dates);
    this._footer = languages.map((language) => make("span", "", { lang: language, dir: "auto" }));
    $("footer").append(...this._footer);
    this._calmly("no_connection", "starts_by_itself");
    this.arrange();
  }

  // Give everything its place and size anew: the screen or the longest number changed.
  arrange() {
    const sizes = plan({ width: innerWidth, height: innerHeight - ($("preview")?.offsetHeight ?? 0), length: this._length, ...this._screen });
    const root = document.documentElement;
    for (const [name, px] of Object.entries({
      u: sizes.unit, header: sizes.header, panel: sizes.panel, latest: sizes.latest, gap: Math.round(20 * sizes.unit),
      row: sizes.capital / CAPITAL_OF_FONT, large: sizes.latestCapital / CAPITAL_OF_FONT,
    })) root.style.setProperty(`--${name}`, `${px}px`);
    root.style.setProperty("--columns", sizes.columns);
    root.style.setProperty("--lines", sizes.lines);
    document.body.classList.toggle("tall", sizes.tall);
    document.body.classList.toggle("nameless", !sizes.named);
    this._sizes = sizes;
    this._keepRows(sizes.calls);
    this._sizeLines();
    this._fitTexts();
    if (this._board) this._showCalls();
  }

  // A board from the server; `fresh` are the calls that were just announced.
  show(board, fresh) {
    this._board = board;
    this._fresh = fresh;
    const length = Math.max(USUAL_NUMBER, ...board.calls.map((one) => one.number.length));
    this._showLines(board.waiting);
    this._showCounters(board.counters);
    if (length !== this._length) {
      this._length = length;
      this.arrange();
    }
    this._showCalls();
  }

  flash(lit) { $("latest").classList.toggle("lit", lit && !this._latest.hidden); }

  // The server's clock; null while nobody vouches for it.
  tell(at) {
    const parts = at === null ? null : inZone(at);
    put($("clock"), parts ? number(`${parts.hour}:${parts.minute}`) : "--:--");
    languages.forEach((language, place) => put(this._dates[place], parts ? dateIn(language, parts) : ""));
  }

  // The footer: that the server has been silent for some seconds, or, with null, the centre's message.
  foot(silent_s, now_ms) {
    const stale = silent_s !== null;
    document.body.classList.toggle("stale", stale);
    const texts = stale ? silence(silent_s) : languages.map((language) => told.message?.[language] ?? "");
    this._footer.forEach((one, place) => put(one, texts[place]));
    this._besideOrInTurn(now_ms);
  }

  mute(mute) { document.body.classList.toggle("mute", mute); }

  _besideOrInTurn(now_ms) {
    const footer = $("footer"), turn = Math.floor(now_ms / TURN_MS) % this._footer.length;
    footer.classList.remove("in-turn", "small");
    this._footer.forEach((one) => { one.hidden = false; });
    if (fits(footer)) return;
    footer.classList.add("in-turn");
    this._footer.forEach((one, place) => { one.hidden = place !== turn; });
    if (!fits(footer)) footer.classList.add("small");
  }

  _showCalls() {
    const [latest, ...earlier] = this._board.calls;
    this._latest.hidden = !latest;
    this._calm.hidden = Boolean(latest);
    if (latest) fill(this._latest, latest);
    else this._calmly("nobody_called", "please_wait");
    this._rows.forEach((row, place) => {
      row.classList.toggle("empty", !earlier[place]);
      row.classList.toggle("fresh", Boolean(earlier[place] && this._fresh.has(earlier[place].call)));
      fill(row, earlier[place]);
    });
  }

  _calmly(...keys) {
    speak.forEach((say, place) => {
      keys.forEach((key, line) => put(this._calm.children[place].children[line], say(`board.${key}`)));
    });
  }

  _keepRows(count) {
    while (this._rows.length > count) this._rows.pop().remove();
    while (this._rows.length < count) this._rows.push(add($("calls"), call("li", {})));
  }

  _showLines(waiting) {
    for (const one of waiting) {
      if (!this._lines.has(one.line)) this._lines.set(one.line, this._newLine(one));
      const count = this._lines.get(one.line);
      put(count, number(one.waiting));
      count.classList.toggle("none", one.waiting === 0);
    }
    this._sizeLines();
  }

  _newLine({ line, letter }) {
    const count = make("b", "count", { dir: "ltr" });
    const names = languages.map((language) => make("span", "", told.lines[line]?.[language] ?? "", { lang: language, dir: "auto" }));
    $("waiting").append(make("li", "", make("i", "chip", letter), make("span", "name", ...names), count));
    return count;
  }

  // The lines share the panel's height.
  _sizeLines() {
    const { unit, panelHeight, tall, named } = this._sizes;
    const columns = tall && named ? 2 : 1, room = panelHeight - (named ? 190 : 0) * unit;
    const per = Math.max(1, Math.ceil(this._lines.size / columns));
    const style = document.documentElement.style;
    style.setProperty("--line", `${Math.floor(Math.min(room / per, 124 * unit))}px`);
    style.setProperty("--per", per);
    document.querySelectorAll(".name span").forEach(fit);
  }

  _showCounters(counters) {
    for (const { counter, state } of counters) {
      if (!this._counters.has(counter)) this._counters.set(counter, add($("counters"), make("span", "chip", number(counter))));
      this._counters.get(counter).dataset.state = state;
    }
    document.body.classList.toggle("nobody-open", counters.every((one) => one.state === "closed"));
  }

  _fitTexts() { document.querySelectorAll(".names > *, .calm > *").forEach(fit); }
}

// A number and its counter, with an arrow between them.
function call(tag, { labels }) {
  const way = make("div", "way", make("b", "number", { dir: "ltr" }), make("i", "arrow"), make("b", "counter", { dir: "ltr" }));
  const heads = ["number", "counter"].map((key) => make("span", "", ...inBothLanguages(`board.${key}`)));
  return make(tag, "call", ...(labels ? [make("div", "labels", ...heads)] : []), way);
}

function fill(element, shown) {
  put(element.querySelector(".number"), shown ? number(shown.number) : "");
  put(element.querySelector(".counter"), shown ? number(shown.counter) : "");
}

function inBothLanguages(key) {
  const said = speak.map((say, place) => make("bdi", "", say(key), { lang: languages[place] }));
  return said.reduce((all, one) => [...all, WIDE_SPACE, one], []).slice(1);
}

function silence(silent_s) {
  const minutes = Math.floor(silent_s / MINUTES), hours = Math.floor(silent_s / HOURS);
  if (hours) return speak.map((say) => say("board.stale_hours", { count: hours }));
  return speak.map((say) => (minutes ? say("board.stale_minutes", { count: minutes }) : say("board.stale_now")));
}

const zone = new Intl.DateTimeFormat("en-GB", {
  timeZone: told.zone, hour12: false, weekday: "short", year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit",
});
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function inZone(at) {
  const parts = {};
  for (const { type, value } of zone.formatToParts(new Date(at))) parts[type] = value;
  return parts;
}

function dateIn(language, { weekday, day, month, year }) {
  const { weekdays, months } = told.speaks[language];
  return `${weekdays[WEEKDAYS.indexOf(weekday)]} ${number(day)} ${months[month - 1]} ${number(year)}`;
}

// A text that is too long for its place becomes smaller; then its end is cut off with an ellipsis.
function fit(element) {
  element.style.fontSize = "";
  const size = parseFloat(getComputedStyle(element).fontSize), share = element.clientWidth / element.scrollWidth;
  if (share > 0 && share < 1) element.style.fontSize = `${size * Math.max(share, SMALLEST)}px`;
}

const fits = (element) => element.scrollWidth <= element.clientWidth + 1;

function make(tag, name = "", ...inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  for (const one of inside) {
    if (typeof one === "string" || one instanceof Node) element.append(one);
    else Object.assign(element, one);
  }
  return element;
}

const add = (parent, element) => parent.appendChild(element);

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
