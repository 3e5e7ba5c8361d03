// The charts: the week as a heat map (a table, so that it can be read), the wait over the day and how waits are spread
// as drawings. A drawing runs in the reading direction of the page; each of its points says in words what it shows.

import { number, say } from "../../shared/words.js";
import { told } from "../../shared/told.js";
import { element, minutes, WEEK, weekdayName } from "./telling.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640, HEIGHT = 300, START = 46, END = 14, TOP = 34, BOTTOM = 40;
// Between these shares of petrol neither dark nor white letters could be read (WCAG 2.2, 1.4.3).
const LIGHT = 0.58, DARK = 0.7;
const rightToLeft = document.documentElement.dir === "rtl";

export function charts(of) {
  overTheDay(document.getElementById("over-the-day"), of);
  spread(document.getElementById("spread"), of);
  week(document.getElementById("week"), document.getElementById("scale"), of);
}

// ---- drawing ----

function draw(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A place along the reading direction, 0 at its start and 1 at its end.
const across = (part) => {
  const from_start = START + part * (WIDTH - START - END);
  return rightToLeft ? WIDTH - from_start : from_start;
};
const up = (value, most) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
const text = (x, y, words, anchor, kind = "") => draw("text", { x, y, "text-anchor": anchor, class: kind, direction: rightToLeft ? "rtl" : "ltr" }, words);
// In SVG, start and end follow the direction of the text.
const [AT_START, AT_END] = ["start", "end"];

function frame(label) {
  return draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
}

// Level lines at round values, each with its value at the start of the line.
function levels(picture, most, step) {
  for (let value = 0; value <= most; value += step) {
    const y = up(value, most);
    picture.append(
      draw("line", { x1: across(0), x2: across(1), y1: y, y2: y, class: "level" }),
      text(across(0) + (rightToLeft ? 8 : -8), y + 5, number(value), AT_END),
    );
  }
}

const roundStep = (most) => [1, 2, 5, 10, 15, 20, 30, 60, 120, 200, 500, 1000, 2000, 5000, 10000, 50000].find((step) => most / step <= 5) ?? 100000;
const roundedUp = (most, step) => Math.max(step, Math.ceil(most / step) * step);

function overTheDay(place, { over_the_day: halves, target_s }) {
  const known = halves.filter((one) => one.called);
  const wanted = Math.max(target_s / 60, ...known.map((one) => one.p90_wait_s / 60));
  const step = roundStep(wanted), most = roundedUp(wanted, step);
  const picture = frame(document.getElementById("day-title").textContent);
  levels(picture, most, step);
  picture.append(text(across(0) + (rightToLeft ? 8 : -8), 16, say("reports.axis_minutes"), AT_START, "title"));
  const middle = (place) => across((place + 0.5) / known.length);
  const line = (key) => known.map((one, place) => `${middle(place)},${up(one[key] / 60, most)}`);
  if (known.length) {
    const base = up(0, most);
    picture.append(
      draw("polygon", { points: [`${middle(0)},${base}`, ...line("p90_wait_s"), `${middle(known.length - 1)},${base}`].join(" "), class: "p90" }),
      draw("polyline", { points: line("p90_wait_s").join(" "), class: "p90-line" }),
      draw("polyline", { points: line("median_wait_s").join(" "), class: "median" }),
    );
  }
  const target = up(target_s / 60, most);
  picture.append(draw("line", { x1: across(0), x2: across(1), y1: target, y2: target, class: "target" }));
  const every = Math.ceil(known.length / 8);
  known.forEach((one, place) => {
    if (place % every === 0) picture.append(text(middle(place), HEIGHT - 14, number(one.half_hour), "middle"));
    const told_ = say("reports.at_time", {
      time: one.half_hour, median: `${minutes(one.median_wait_s)}`, p90: `${minutes(one.p90_wait_s)}`, count: one.called,
    });
    const wide = (WIDTH - START - END) / known.length;
    picture.append(
      draw("circle", { cx: middle(place), cy: up(one.median_wait_s / 60, most), r: 4, class: "dot" }),
      draw("rect", { x: middle(place) - wide / 2, y: TOP, width: wide, height: HEIGHT - TOP - BOTTOM, class: "touch" }, draw("title", {}, told_)),
    );
  });
  place.replaceChildren(picture, key(["median", "p90", "target"], target_s));
}

function key(names, target_s) {
  return element("p", { class: "key" }, ...names.map((name) =>
    element("span", {}, element("i", { "data-key": name }), say(`reports.${name}`, { minutes: Math.round(target_s / 60) }))));
}

function spread(place, { spread: counts, bin_s, target_s }) {
  const last = counts.findLastIndex((count) => count > 0);
  const shown = last === counts.length - 1 ? counts : counts.slice(0, Math.max(last + 1, Math.ceil(target_s / bin_s) + 1));
  const most_ = Math.max(1, ...shown), step = roundStep(most_), most = roundedUp(most_, step);
  const picture = frame(document.getElementById("spread-title").textContent);
  levels(picture, most, step);
  picture.append(text(across(0) + (rightToLeft ? 8 : -8), 16, say("reports.people"), AT_START, "title"));
  const wide = (WIDTH - START - END) / shown.length;
  const bin = bin_s / 60, every = Math.ceil(shown.length / 8);
  shown.forEach((count, place) => {
    const open = place === counts.length - 1;
    const values = { low: place * bin, high: (place + 1) * bin, count };
    const x = Math.min(across(place / shown.length), across((place + 1) / shown.length));
    const within = (place + 1) * bin_s <= target_s;
    picture.append(draw(
      "rect", { x: x + 2, y: up(count, most), width: wide - 4, height: Math.max(0, HEIGHT - BOTTOM - up(count, most)), rx: 3, class: within ? "bar within" : "bar" },
      draw("title", {}, say(open ? "reports.waited_over" : "reports.waited_between", values)),
    ));
    const isFree = place / shown.length < 0.85; // the unit stands at the end
    if (place % every === 0 && isFree) picture.append(text(across(place / shown.length), HEIGHT - 14, number(place * bin), "middle"));
  });
  const target = across(target_s / bin_s / shown.length);
  picture.append(
    draw("line", { x1: target, x2: target, y1: TOP - 6, y2: HEIGHT - BOTTOM, class: "target" }),
    text(across(1), HEIGHT - 14, say("reports.minutes"), AT_END, "title"),
  );
  place.replaceChildren(picture, key(["target"], target_s));
}

// ---- the week ----

function week(table, scale, { week: cells, target_s }) {
  const days = WEEK.filter((day) => cells.some((cell) => cell.weekday === day));
  const times = [...new Set(cells.map((cell) => cell.half_hour))].sort();
  const found = new Map(cells.map((cell) => [`${cell.weekday} ${cell.half_hour}`, cell]));
  const waits = cells.filter((cell) => cell.called).map((cell) => cell.mean_wait_s);
  const most = Math.max(60, ...waits);
  const head = element("tr", {}, element("td"), ...times.map((time) => element("th", { scope: "col" }, number(time))));
  const rows = days.map((day) => element(
    "tr", {}, element("th", { scope: "row" }, weekdayName(day)),
    ...times.map((time) => heatCell(day, time, found.get(`${day} ${time}`), most, target_s)),
  ));
  table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  scale.textContent = waits.length ? say("reports.scale", { low: minutes(Math.min(...waits)), high: minutes(Math.max(...waits)) }) : "";
}

function heatCell(day, time, cell, most, target_s) {
  if (!cell?.called) return element("td", { class: "none" }, "–");
  const words = say("reports.cell", { weekday: weekdayName(day), time, wait: minutes(cell.mean_wait_s), count: cell.visits });
  const made = element("td", { title: words, "data-past": cell.mean_wait_s > target_s }, minutes(cell.mean_wait_s));
  const heat = Math.sqrt(cell.mean_wait_s / most), isDark = heat > LIGHT;
  made.style.setProperty("--heat", `${Math.round((isDark ? heat + (DARK - LIGHT) * (1 - heat) / (1 - LIGHT) : heat) * 100)}%`);
  made.classList.toggle("dark", isDark);
  return made;
}
