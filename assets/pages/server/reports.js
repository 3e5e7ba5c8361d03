// The report's page: what is asked for stands in the address, so that it can be kept and sent; the server reckons.

import { number, say } from "../shared/words.js";
import { fetched } from "../shared/sign_in.js";
import { told } from "../shared/told.js";
import { charts } from "./reports/charts.js";
import { drill } from "./reports/drill.js";
import { headline } from "./reports/headline.js";
import { nameOf, PERIODS } from "./reports/period.js";
import { feedback } from "./reports/feedback.js";
import { sendable } from "./reports/send.js";
import { counters, groups, noClerks } from "./reports/table.js";
import { figure, dayName, shortDay } from "./reports/telling.js";

const form = document.getElementById("asked"), said = document.getElementById("said");
const page = document.getElementById("report");
const today = told.today ?? new Date().toISOString().slice(0, 10);
let asking = 0;

// ---- what is asked ----

function fromAddress() {
  const asked = new URLSearchParams(location.search);
  const first = asked.get("from") ?? today, last = asked.get("to") ?? first;
  form.period.value = nameOf(today, first, last);
  form.from.value = first;
  form.to.value = last;
  form.compare.value = asked.get("compare") ?? "previous";
  form.by.value = told.groups.includes(asked.get("by")) ? asked.get("by") : "line";
  showDates();
}

function showDates() {
  for (const label of form.querySelectorAll("[data-other]")) label.hidden = form.period.value !== "other";
}

const asked = () => ({ from: form.from.value, to: form.to.value, by: form.by.value, compare: form.compare.value });

form.addEventListener("change", (event) => {
  if (event.target === form.period && PERIODS[form.period.value]) {
    [form.from.value, form.to.value] = PERIODS[form.period.value](today);
  }
  showDates();
  history.pushState(null, "", `?${new URLSearchParams(asked())}`);
  show();
});
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("popstate", () => { fromAddress(); show(); });

// ---- what is shown ----

async function show() {
  const turn = ++asking;
  const { from, to, by, compare } = asked();
  if (!from || !to) return tell(say("reports.half_period"));
  if (from > to) return tell(say("reports.bad_period"));
  await prepared({ from, to, compare }, () => turn === asking);
  if (turn !== asking) return;
  const slow = setTimeout(() => tell(say("reports.loading"), false), 400);
  const period = { from, to, language: told.language };
  const unknown = by === "clerk" && noClerks !== null;
  const parts = await Promise.all([
    loaded("waiting", { ...period, by: unknown ? "line" : by, compare }),
    loaded("charts", period),
    loaded("feedback", period),
  ]);
  clearTimeout(slow);
  if (turn !== asking) return;
  const problem = parts.map((part) => part.problem).find(Boolean);
  if (problem) return tell(problem);
  const [report, shapes, opinions] = parts;
  if (!report.total.visits) {
    return tell(from === to ? say("reports.nothing_that_day", { day: dayName(from) }) : say("reports.nothing", { first: shortDay(from), last: shortDay(to) }));
  }
  fill(report, shapes, by);
  feedback(document.getElementById("feedback"), opinions);
}

// Days of years that nobody has asked for yet are made ready beside the hall; until then there is something to see.
async function prepared(period, isAsked) {
  const bar = document.getElementById("ready");
  for (;;) {
    const answer = await loaded("ready", period);
    if (!isAsked()) return;
    bar.hidden = !answer.wait;
    if (!answer.wait) return;
    [bar.max, bar.value] = [answer.days, answer.ready];
    tell(say("reports.preparing", { ready: number(answer.ready), days: number(answer.days) }));
    await new Promise((later) => setTimeout(later, 1000));
    if (!isAsked()) return;
  }
}

function tell(sentence, instead = true) {
  said.textContent = sentence;
  if (instead) page.hidden = true;
}

async function loaded(name, query) {
  const answer = await fetched(`/api/v1/reports/${name}?${new URLSearchParams(query)}`).catch(() => null);
  const body = await answer?.json().catch(() => null);
  return answer?.ok && body ? body : { problem: body?.detail ?? say("reports.cannot") };
}

function fill(report, shapes, by) {
  const { from, to, compared } = report;
  tell(compared ? besides(compared) : "", false);
  page.hidden = false;
  const toTickets = (which) => drill({ first: from, last: to }, which);
  headline(compared?.total.visits ? report : { ...report, compared: null }, toTickets);
  document.getElementById("what-counts").textContent = say("reports.what_counts", {
    called: figure("called", report.total.called), visits: figure("visits", report.total.visits), minutes: told.target_minutes,
  });
  charts(shapes);
  groups(report, toTickets, by);
  counters(document.getElementById("counters"), report);
  for (const link of document.querySelectorAll("[data-format]")) {
    link.href = `/api/v1/reports/waiting?${new URLSearchParams({ from, to, by: report.by, compare: form.compare.value, format: link.dataset.format, language: told.language })}`;
  }
  const replay = document.getElementById("replay");
  replay.hidden = from !== to;
  replay.href = `/reports/replay?day=${from}`;
  sendable(from === to ? from : null);
}

function besides({ from, to, total }) {
  const period = from === to ? say("reports.against_day", { day: dayName(from) }) : say("reports.against", { first: shortDay(from), last: shortDay(to) });
  return total.visits ? period : `${period} ${say("reports.against_nothing")}`;
}

fromAddress();
show();
