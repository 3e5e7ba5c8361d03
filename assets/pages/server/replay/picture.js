// The picture of the hall: people in their lines, counters and whom they call, and those who walk between them.

import { number, of, say } from "../../shared/words.js";
import { told } from "../../shared/told.js";

const MOST_FIGURES = 40;
const WALK_MS = 900;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const lines = Object.fromEntries([...document.querySelectorAll("[data-line]")].map((one) => [one.dataset.line, one]));
const counters = Object.fromEntries([...document.querySelectorAll("[data-counter]")].map((one) => [one.dataset.counter, one]));
const lineOf = Object.fromEntries(Object.entries(told.lines).map(([id, { letter }]) => [letter, id]));

export function paint(course) {
  for (const [id, box] of Object.entries(lines)) showLine(box, course.waiting[id] ?? 0);
  for (const [id, box] of Object.entries(counters)) showCounter(box, course.counters[id]);
  const all = document.getElementById("all-waiting");
  all.textContent = `${say("replay.all_waiting")}: ${number(course.allWaiting)}`;
  document.getElementById("calls").replaceChildren(...course.calls.map(({ counter, number: ticket }) => {
    const made = document.createElement("li");
    made.textContent = say("replay.call", { number: ticket, counter });
    return made;
  }));
}

// Somebody who is called walks from the line to the counter.
export function walk({ counter, number: ticket }) {
  const from = lines[lineOf[ticket[0]]]?.querySelector(".people"), to = counters[counter];
  if (still.matches || !from || !to || document.hidden) return;
  const [start, end] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
  const walker = document.createElement("span");
  walker.className = "walker";
  walker.textContent = number(ticket);
  walker.style.left = `${start.left + start.width / 2}px`;
  walker.style.top = `${start.top}px`;
  document.body.append(walker);
  const way = `translate(${end.left + end.width / 2 - start.left - start.width / 2}px, ${end.top + end.height / 2 - start.top}px)`;
  const steps = [{ transform: "none", opacity: 1 }, { transform: way, opacity: 1, offset: 0.9 }, { transform: way, opacity: 0 }];
  walker.animate(steps, { duration: WALK_MS, easing: "ease-in-out" }).finished.finally(() => walker.remove());
}

function showLine(box, count) {
  if (box.dataset.count === String(count)) return;
  box.dataset.count = count;
  box.querySelector("em").textContent = count ? say("replay.waiting", { count }) : say("replay.nobody");
  const people = box.querySelector(".people"), wanted = Math.min(count, MOST_FIGURES);
  while (people.childElementCount > wanted) people.firstElementChild.remove();
  while (people.childElementCount < wanted) people.append(document.createElement("i"));
}

function showCounter(box, desk) {
  const doing = desk.doing ?? desk.state;
  box.dataset.doing = doing;
  box.querySelector("strong").textContent = desk.number ? number(desk.number) : "";
  box.querySelector("em").textContent = say(`replay.state.${doing}`);
  box.title = told.counters[box.dataset.counter] ? of(told.counters[box.dataset.counter]) : "";
}

// How many waited over the day, as the ground on which the moment is chosen.
export function paintProfile(counts) {
  const picture = document.getElementById("profile"), most = Math.max(1, ...counts);
  const rightToLeft = document.documentElement.dir === "rtl";
  const points = counts.map((count, place) => {
    const across = (place / (counts.length - 1)) * 1000;
    return `${rightToLeft ? 1000 - across : across},${58 - (count / most) * 54}`;
  });
  const area = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  area.setAttribute("points", ["0,60", ...(rightToLeft ? points.reverse() : points), "1000,60"].join(" "));
  picture.replaceChildren(area);
}
