// One visitor's way through the pages, as in kiosk/visit.py: what a touch, the time or an answer makes of it. Pure.

import { told } from "../../shared/told.js";
import { service } from "./offers.js";

export const WARN_S = 10;
const TICKET_S = 20, DOUBT_S = 120, REFUSED_S = 12, SHORT_S = 5;
const REFERENCE_LENGTH = 20;
const PATIENT = new Set(["services", "service", "classes", "reference", "comfort"]);
const ENDING = new Set(["printing", "unsettled", "ticket", "papers"]);
const CALM = { large: false, contrast: false, low: false };

// A visit that begins, in the centre's first language.
export function fresh(before) {
  const untouched = before?.page === "categories" && before.language === told.language && before.comfort === CALM;
  if (untouched && !before.trail.length) return before;
  return {
    language: told.language, page: "categories", comfort: CALM, trail: [],
    category: null, service: null, visitor_class: null, typed: "", printing: "tickets", result: null,
  };
}

// The page that is on the screen: what hinders everyone comes before what one visitor is doing.
export function shown(visit, stands) {
  if (ENDING.has(visit.page)) return visit.page;
  if (stands.at === null) return stands.isStale ? "lost" : "kiosks";
  if (stands.isStale) return "lost";
  if (stands.now === null) return stands.kiosks.length ? "kiosks" : "starting";
  if (stands.now.fault) return "fault";
  if (stands.now.closed && visit.page !== "comfort") return "closed";
  return visit.page;
}

// Whether a visitor may have walked away from this page.
export const isPatient = (page) => PATIENT.has(page);

// Seconds without a touch after which the page goes back to the first one.
export function leftSeconds(visit, idle_s) {
  if (visit.page === "printing") return Infinity;
  if (visit.page === "unsettled" || visit.result?.outcome === "in_doubt") return DOUBT_S;
  return { ticket: TICKET_S, refused: REFUSED_S, papers: SHORT_S }[visit.page] ?? idle_s;
}

// What a touch makes of a visit, and what is to be printed because of it. `offered` gives a service as it stands.
export function touch(visit, action, offered) {
  switch (action.do) {
    case "home": return { visit: fresh() };
    case "back": return { visit: back(visit) };
    case "speak": return { visit: { ...visit, language: action.language } };
    case "switch": return { visit: { ...visit, comfort: { ...visit.comfort, [action.mode]: !visit.comfort[action.mode] } } };
    case "open": return { visit: forward(visit, { page: action.page, typed: "" }) };
    case "category": return { visit: forward(visit, { page: "services", category: action.category }) };
    case "service":
      return { visit: forward(visit, { page: "service", service: action.service, visitor_class: null, typed: "" }) };
    case "class": return { visit: { ...back(visit), visitor_class: action.visitor_class } };
    case "type": return { visit: { ...visit, typed: action.typed.slice(0, REFERENCE_LENGTH) } };
    case "papers": return printed(visit, "papers", { service: visit.service, language: visit.language });
    case "copy": return printed(visit, "copies", { ticket: visit.result.ticket });
    case "take": return take(visit, action.anyway, offered(visit.service));
    default: throw new Error(`nothing is done by ${action.do}`);
  }
}

// What came of an order; a visit that does not wait for one stays as it is.
export function finish(visit, result) {
  if (visit.page !== "printing" && visit.page !== "unsettled") return visit;
  if (result.outcome === "unsettled") {
    return visit.page === "unsettled" ? visit : { ...visit, page: "unsettled" };
  }
  if (result.outcome === "refused") {
    // A copy that could not be had takes no number away.
    return visit.printing === "copies" ? { ...visit, page: "ticket" } : { ...visit, page: "refused", result };
  }
  return { ...visit, page: visit.printing === "papers" ? "papers" : "ticket", result };
}

function take(visit, anyway, offer) {
  if (!offer?.open) return { visit };
  const typed = visit.page === "reference" && !anyway ? visit.typed.trim() : "";
  if (service(visit.service).needs_reference && !typed && !anyway) {
    return { visit: forward(visit, { page: "reference", typed: "" }) };
  }
  const wish = { service: visit.service, language: visit.language };
  if (visit.visitor_class) wish.class = visit.visitor_class;
  if (typed) wish.reference = typed;
  return printed(visit, "tickets", wish);
}

function printed(visit, what, wish) {
  const result = what === "copies" ? visit.result : null;
  return { visit: { ...visit, page: "printing", printing: what, result }, order: { what, wish } };
}

function forward(visit, changes) {
  return { ...visit, ...changes, trail: [...visit.trail, { ...visit, trail: [] }] };
}

// The page before, in the language and with the comfort of now.
function back(visit) {
  const before = visit.trail[visit.trail.length - 1] ?? fresh();
  return { ...before, trail: visit.trail.slice(0, -1), language: visit.language, comfort: visit.comfort };
}
