// From a figure to its tickets, and from a ticket to everything that happened to it.

import { has, number, of, say, stopwatch, timeOfDay } from "../../shared/words.js";
import { fetched } from "../../shared/sign_in.js";
import { told } from "../../shared/told.js";
import { dayName, element, shortDay } from "./telling.js";

const box = document.getElementById("drill"), title = document.getElementById("drill-title");
const inside = document.getElementById("drilled");
document.getElementById("close").addEventListener("click", () => box.close());

// Show the tickets of a period that a figure counts: `show`, and `by` and `key` of a group if it is one's.
export async function drill(period, which) {
  if (!box.open) box.showModal();
  title.textContent = which.group
    ? say("reports.tickets_of_group", { figure: which.title, group: which.group })
    : say("reports.tickets_of", { figure: which.title });
  const asked = { from: period.first, to: period.last, show: which.show, page: which.page ?? 1 };
  if (which.by) Object.assign(asked, { by: which.by, key: which.key });
  const found = await loaded(`/api/v1/reports/tickets?${new URLSearchParams({ ...asked, language: told.language })}`);
  if (!found) return;
  const back = () => drill(period, which);
  const days = period.first !== period.last;
  const rows = found.tickets.map((ticket) => line(ticket, back, days));
  const heads = ["number", ...(days ? ["day"] : []), "joined", "service", "counter", "wait", "state"];
  inside.replaceChildren(
    element("p", { class: "hint" }, hint(found)),
    element("div", { class: "table" }, element("table", {}, element("thead", {}, element("tr", {}, ...heads.map((head) =>
      element("th", { scope: "col" }, head === "day" ? say("reports.groups.day") : say(`reports.${head}`))))), element("tbody", {}, ...rows))),
    turning(found, (page) => drill(period, { ...which, page })),
  );
  title.focus();
}

const hint = ({ total, page, pages }) =>
  total === 0 ? say("reports.no_tickets") : pages === 1 ? say("reports.tickets_one_page") : say("reports.tickets_page", { page, pages });

function turning({ page, pages }, turn) {
  const made = element("p", { class: "turning" });
  for (const [key, to] of [["previous_page", page - 1], ["next_page", page + 1]]) {
    if (to < 1 || to > pages) continue;
    const press = element("button", { type: "button" }, say(`reports.${key}`));
    press.addEventListener("click", () => turn(to));
    made.append(press);
  }
  return made;
}

function line(ticket, back, days) {
  const press = element("button", { type: "button", class: "drill" }, number(ticket.number));
  press.addEventListener("click", () => story(ticket.id, back));
  return element(
    "tr", {}, element("th", { scope: "row" }, press),
    ...[...(days ? [shortDay(ticket.day)] : []), timeOfDay(ticket.joined_at), nameOf(told.services, ticket.service), ticket.counter ? number(ticket.counter) : "–",
      wait(ticket), say(`reports.states.${ticket.state}`)].map((cell) => element("td", {}, cell)),
  );
}

const nameOf = (names, id) => (names[id] ? of(names[id]) : id);
const wait = (ticket) => (ticket.wait_s === null ? "–" : stopwatch(Math.round(ticket.wait_s)));

async function story(id, back) {
  const found = await loaded(`/api/v1/reports/tickets/${encodeURIComponent(id)}?language=${told.language}`);
  if (!found) return;
  const { ticket, happenings } = found;
  title.textContent = say("reports.story", { number: ticket.number, day: dayName(ticket.day) });
  const service = nameOf(told.services, ticket.service);
  const press = element("button", { type: "button" }, say("reports.back"));
  press.addEventListener("click", back);
  inside.replaceChildren(
    element("p", {}, ticket.wait_s === null ? say("reports.story_of_uncalled", { service }) : say("reports.story_of", { service, wait: wait(ticket) })),
    element("ol", { class: "story" }, ...happenings.map((one) =>
      element("li", {}, element("time", { datetime: one.at }, timeWithSeconds(one.at)), element("span", {}, happened(one), ...(one.who ? [element("small", {}, one.who)] : []))))),
    element("p", { class: "turning" }, press),
  );
  title.focus();
}

function timeWithSeconds(at) {
  const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: told.zone };
  return number(new Intl.DateTimeFormat("en-GB", parts).format(new Date(at)));
}

// What an event says, in the most exact sentence that there is for it.
function happened({ name, event }) {
  const detail = event.out_of_order ? "out_of_order" : event.reason ? "reason" : event.to_counter ? "counter" : event.outcome ?? event.by;
  const key = has(`reports.event.${name}_${detail}`) ? `${name}_${detail}` : name;
  return say(`reports.event.${key}`, { ...event, service: nameOf(told.services, event.service), line: nameOf(told.lines, event.line) });
}

async function loaded(address) {
  const answer = await fetched(address).catch(() => null);
  const body = await answer?.json().catch(() => null);
  if (answer?.ok && body) return body;
  inside.replaceChildren(element("p", { role: "alert" }, body?.detail ?? say("reports.cannot")));
  return null;
}
