// What stands on each page of the kiosk: the same content, in the same words, as on its own screen.

import { number } from "../../shared/words.js";
import { told } from "../../shared/told.js";
import { service as known } from "./offers.js";
import { drawing, make } from "./make.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "/", "0", "-"];
const UPRIGHT = matchMedia("(orientation: portrait) and (min-width: 40rem)"); // lower screens are within everybody's reach

export const PAGES = {
  starting: ({ say }) => notice("star", say("kiosk.starting"), say("kiosk.starting_note")),
  lost: (look) => everywhere(look, "offline", "kiosk.lost", (say) => say("kiosk.lost_note")),
  fault: (look) => everywhere(look, "warning", "kiosk.out_of_order", (_say, code) => look.stands.now.fault[code]),
  closed, kiosks, categories, services, service, classes, reference, comfort, ticket,
  printing: ({ visit, say }) => notice(
    "printer", say(visit.printing === "papers" ? "kiosk.printing_papers" : "kiosk.printing"), say("kiosk.one_moment"),
  ),
  unsettled: ({ say }) => notice("warning", say("kiosk.unsettled"), say("kiosk.unsettled_note")),
  papers: ({ say }) => notice("check", say("kiosk.take_papers_there"), say("kiosk.papers_note")),
  refused: ({ visit, say }, press) => [...notice("warning", say("kiosk.sorry"), visit.result.detail), done(say, press)],
};

// ---- finding the service ----

function kiosks({ stands, say }, press) {
  const connected = new Set(stands.kiosks.filter((one) => one.connected).map((one) => one.id));
  return [...heading(say("kiosk.which"), say("kiosk.which_note")), tiles(told.kiosks.map((id) => tile({
    key: id, title: id, note: say(connected.has(id) ? "kiosk.is_here" : "kiosk.is_away"), icon: "printer",
    kind: connected.has(id) ? "" : "closed", press: press({ do: "choose-kiosk", kiosk: id }),
  })))];
}

function categories({ stands, say, of }, press) {
  const offered = new Map(stands.now.services.map((one) => [one.id, one.open]));
  const there = told.categories.map((one) => ({ ...one, services: told.services.filter((each) => each.category === one.id) }));
  return [
    ...heading(say("kiosk.choose_category"), say("kiosk.choose_category_note")),
    tiles(there.filter((one) => one.services.length).map((one) => tile({
      key: one.id, title: of(one.name), note: say("kiosk.services", { count: one.services.length }), icon: one.icon,
      kind: one.services.some((each) => offered.get(each.id)) ? "" : "closed",
      press: press({ do: "category", category: one.id }),
    }))),
  ];
}

function services({ visit, stands, say, of }, press) {
  const category = told.categories.find((one) => one.id === visit.category);
  const ours = stands.now.services.filter((one) => known(one.id).category === visit.category);
  return [...heading(of(category.name), say("kiosk.choose_service")), tiles(ours.map((one) => tile({
    key: one.id, title: of(known(one.id).name), kind: one.open ? "" : "closed", sign: one.open ? "forward" : "closed",
    // A tile has little room: what staff wrote says more than our sentence.
    note: one.open ? waiting(say, one.waiting) : of(one.reason ?? one.why),
    press: press({ do: "service", service: one.id }),
  })), "broad")];
}

function waiting(say, count) {
  if (count === null) return "";
  return count ? say("kiosk.waiting_people", { count }) : say("kiosk.nobody_waiting");
}

// ---- one service ----

function service(look, press) {
  const { visit, stands, say, of } = look;
  const offer = stands.now.services.find((one) => one.id === visit.service), about = known(visit.service);
  const whom = offer.open && told.classes.length ? [forWhom(look, press)] : [];
  const take = offer.open
    ? make("button", "main take", drawing("ticket"), make("span", "", say("kiosk.take_ticket")), {
      type: "button", "data-key": "take", onclick: press({ do: "take" }),
    })
    : make("p", "why", of(offer.why));
  return [
    ...heading(of(about.name)),
    make("div", "about", make("div", "what", facts(look, offer, about), papersCard(look, about, press)), make("div", "do", ...whom, take)),
  ];
}

function facts({ say, of }, offer, about) {
  const rows = [];
  if (offer.open && offer.waiting !== null) {
    rows.push(["people", "waiting", offer.waiting ? say("kiosk.people", { count: offer.waiting }) : say("kiosk.nobody")]);
  }
  if (offer.open && offer.wait_minutes) rows.push(["hourglass", "expected_wait", wait(say, ...offer.wait_minutes)]);
  rows.push(["clock", "usually_takes", say("kiosk.minutes", { count: about.usual })]);
  if (about.fee) rows.push(["coins", "fee", number(of(about.fee)) || say("kiosk.no_fee")]);
  return make("dl", `card facts ${rows.length % 2 ? "" : "two"}`, ...rows.map(([icon, key, value]) => make(
    "div", "", drawing(icon), make("dt", "", say(`kiosk.${key}`)), make("dd", "", value),
  )));
}

function wait(say, low, high) {
  return low ? say("kiosk.wait_range", { low, count: high }) : say("kiosk.wait_up_to", { count: high });
}

function papersCard({ say, of }, about, press) {
  if (!about.papers.length) return make("p", "card none", say("kiosk.no_papers"));
  return make(
    "div", "card papers-card", make("h2", "", say("kiosk.papers")),
    make("ul", "", ...about.papers.map((paper) => make("li", "", of(paper)))),
    make("button", "print", drawing("printer"), make("span", "", say("kiosk.print_papers")), {
      type: "button", "data-key": "print", onclick: press({ do: "papers" }),
    }),
  );
}

function forWhom({ visit, say, of }, press) {
  const one = told.classes.find((each) => each.id === visit.visitor_class);
  const note = one ? arrival(say, one) : told.classes.map((each) => of(each.name)).join(" · ");
  return tile({
    key: "whom", title: `${say("kiosk.ticket_for")}: ${one ? of(one.name) : say("kiosk.citizen")}`, note,
    icon: one ? "heart" : "person", kind: one ? "chosen" : "", sign: "forward", press: press({ do: "open", page: "classes" }),
  });
}

function classes({ visit, say, of }, press) {
  return [...heading(say("kiosk.who")), tiles([null, ...told.classes].map((one) => {
    const chosen = (one?.id ?? null) === visit.visitor_class, plain = one && `kiosk.class.${one.id}`;
    return tile({
      key: one?.id ?? "citizen", title: one ? of(one.name) : say("kiosk.citizen"),
      note: `${plain && has(visit.language, plain) ? say(plain) : ""} ${arrival(say, one)}`.trim(),
      icon: chosen ? "check" : one ? "heart" : "person", kind: chosen ? "chosen" : "", pressed: chosen,
      press: press({ do: "class", visitor_class: one?.id ?? null }),
    });
  }), "broad")];
}

function has(language, key) {
  return key.split(".").reduce((table, part) => table?.[part], told.speaks[language].words) !== undefined;
}

function arrival(say, one) {
  return one?.credit ? say("kiosk.class_note", { count: one.credit }) : say("kiosk.citizen_note");
}

function reference({ visit, say }, press) {
  const typed = (text) => press({ do: "type", typed: text });
  const field = make("input", "typed", {
    id: "typed", dir: "ltr", inputmode: "none", maxlength: 20, autocomplete: "off", value: visit.typed, "data-key": "typed",
    oninput: (event) => press({ do: "type", typed: event.target.value })(),
    onkeydown: (event) => { if (event.key === "Enter" && visit.typed.trim()) press({ do: "take" })(); },
  });
  const key = (text) => make("button", "key", number(text), { type: "button", "data-key": `key-${text}`, onclick: typed(visit.typed + text) });
  return [
    ...heading(say("kiosk.reference")),
    make(
      "div", "about",
      make("div", "what", make("label", "", say("kiosk.reference_hint"), { for: "typed" }), field,
        make("div", "do", choice(say("kiosk.no_reference"), "anyway", press({ do: "take", anyway: true })),
          make("button", "main take", drawing("ticket"), make("span", "", say("kiosk.take_ticket")), {
            type: "button", "data-key": "take", disabled: !visit.typed.trim(), onclick: press({ do: "take" }),
          }))),
      make("div", "keypad", ...KEYS.map(key), make("button", "key erase", drawing("erase"), {
        type: "button", "data-key": "erase", "aria-label": "⌫", dir: "ltr", onclick: typed(visit.typed.slice(0, -1)),
      }), { dir: "ltr" }),
    ),
  ];
}

// ---- easier to use ----

function comfort({ visit, say }, press) {
  return [
    ...heading(say("kiosk.comfort")),
    tiles(["large", "contrast", ...(UPRIGHT.matches ? ["low"] : [])].map((mode) => tile({
      key: mode, title: say(`kiosk.${mode}`), note: say(`kiosk.${mode}_note`), icon: mode,
      kind: visit.comfort[mode] ? "chosen" : "", pressed: visit.comfort[mode],
      state: say(visit.comfort[mode] ? "kiosk.on" : "kiosk.off"), press: press({ do: "switch", mode }),
    })), "broad"),
    choice(say("kiosk.done"), "done", press({ do: "back" }), "main"),
  ];
}

// ---- how a visit ends ----

function ticket({ visit, stands, say, of }, press) {
  const { result } = visit, doubtful = result.outcome === "in_doubt";
  // A copy can be had only from a printer that is well, by whoever took the ticket.
  const copy = doubtful && stands.now && !stands.now.fault && !stands.isStale;
  return [
    make("div", "result",
      make("div", "number card", make("h1", "", say("kiosk.your_number"), { tabindex: -1 }),
        make("p", "large-number", number(result.number), { dir: "ltr" }), make("p", "", of(known(result.service)?.name))),
      make("div", "do",
        doubtful
          ? make("div", "warning", drawing("warning"), make("p", "loud", say("kiosk.in_doubt")), make("p", "", say("kiosk.in_doubt_note")))
          : make("div", "card next", make("p", "", drawing("ticket"), say("kiosk.take_slip_there")), make("p", "", drawing("board"), say("kiosk.watch_board"))),
        copy ? choice(say("kiosk.copy"), "copy", press({ do: "copy" }), "main") : "",
        done(say, press, copy ? "" : "main"))),
  ];
}

function closed({ visit, stands, say, of }) {
  return [
    ...heading(say("kiosk.closed_now")),
    make("div", "about", make("p", "why", of(stands.now.closed)), make(
      "table", "card hours", make("caption", "", say("kiosk.hours")),
      make("tbody", "", ...told.speaks[visit.language].hours.map(([day, spans]) => make(
        "tr", spans ? "" : "off", make("th", "", day, { scope: "row" }), make("td", "", make("bdi", "", spans || say("kiosk.closed_day"))),
      ))),
    )),
  ];
}

// ---- parts ----

// The same in each language of the centre, for whoever stands there.
function everywhere({ visit, speakers }, icon, title, note) {
  const others = Object.keys(speakers).filter((code) => code !== visit.language);
  return [make("div", "notice", drawing(icon), ...[visit.language, ...others].map((code, place) => make(
    "div", "", make(place ? "p" : "h1", "loud", speakers[code](title), place ? {} : { tabindex: -1 }), make("p", "", note(speakers[code], code)),
    { lang: code, dir: told.speaks[code].direction },
  )))];
}

function notice(icon, title, ...notes) {
  return [make("div", "notice", drawing(icon), make("h1", "loud", title, { tabindex: -1 }), ...notes.filter(Boolean).map((note) => make("p", "", note)))];
}

function heading(title, note = "") {
  return [make("h1", "", title, { tabindex: -1 }), ...(note ? [make("p", "hint", note)] : [])];
}

function tiles(all, classes = "") { return make("div", `tiles ${classes}`, ...all); }

function tile({ key, title, note = "", icon = "", kind = "", sign = "", state = "", pressed, press }) {
  return make(
    "button", `tile ${kind}`, icon && make("span", "field", drawing(icon)),
    make("span", "words", make("b", "", title), note && make("small", "", note)),
    state && make("em", "", state), sign && drawing(sign),
    { type: "button", "data-key": key, onclick: press, ...(pressed === undefined ? {} : { "aria-pressed": String(pressed) }) },
  );
}

function choice(text, key, press, kind = "") {
  return make("button", kind, make("span", "", text), { type: "button", "data-key": key, onclick: press });
}

function done(say, press, kind = "main") { return choice(say("kiosk.done"), "done", press({ do: "home" }), kind); }
