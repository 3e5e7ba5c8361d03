// Hours by weekday: each day has stretches, which are added and removed.

import { told } from "../../shared/told.js";
import { say } from "../../shared/words.js";
import { button, latinDigits, make, newId, signButton } from "./elements.js";

const USUAL = "08:00-15:00";

// What edits the hours in a table of the draft, such as `{sunday: ["08:00-15:30"]}`.
export function hoursEditor(hours, key, edited) {
  const days = make("div", { class: "days" }), written = Object.keys(hours);
  const show = () => days.replaceChildren(...told.weekdays.map((day, at) => dayItem(day, told.weekdays[at - 1])));

  function dayItem(day, before) {
    const name = say(`admin.weekday.${day}`), mistake = newId("mistake"), spans = hours[day] ?? [];
    const put = (value) => {
      hours[day] = value;
      if (!value.length && !written.includes(day)) delete hours[day];
      edited();
      const item = dayItem(day, before);
      days.children[told.weekdays.indexOf(day)].replaceWith(item);
      return item;
    };
    const add = () => {
      const inputs = put([...spans, next(spans)]).querySelectorAll("input");
      inputs[inputs.length - 2].focus();
    };
    const asBefore = () => put([...(hours[before] ?? [])]).querySelector("button").focus();
    return make("div", { class: "day", role: "group", "aria-label": name },
      make("b", { "aria-hidden": "true" }, name),
      make("div", { class: "spans" },
        spans.map((span, at) => spanItem(span, at, { day, key, mistake, spans, put, edited })),
        spans.length ? null : make("span", { class: "closed" }, say("admin.closed"))),
      make("div", { class: "day-buttons" },
        before ? button(say("admin.as_day", { day: say(`admin.weekday.${before}`) }), asBefore, { class: "quiet" }) : null,
        button(say("admin.add_span"), add, { "data-key": `${key}.${day}`, "aria-describedby": mistake })),
      make("p", { class: "mistake", id: mistake, hidden: true }));
  }

  show();
  return days;
}

function spanItem(span, at, { day, key, mistake, spans, put, edited }) {
  const [opens, closes] = span.split("-");
  const time = (value, word) => timeInput(value, write, {
    "aria-label": say(word, { n: at + 1 }), "data-key": `${key}.${day}[${at + 1}]`, "aria-describedby": mistake,
  });
  const from = time(opens, "admin.opens"), to = time(closes, "admin.closes");
  // The stretch is written in place, so that a time that is half typed keeps its field.
  function write() {
    spans[at] = `${from.value}-${to.value}`;
    edited();
  }
  const remove = () => put(spans.filter((_, n) => n !== at)).querySelector("button").focus();
  return make("span", { class: "span" }, from, make("span", { "aria-hidden": "true" }, "–"), to,
    signButton("✕", say("admin.remove_span", { n: at + 1 }), remove));
}

// A time of day, of 24 hours whatever the browser's language: `8`, `830`, `8:30` and `٨:٣٠` are understood.
export function timeInput(value, written, attributes) {
  const input = make("input", { ...attributes, value, class: "time", dir: "ltr", inputmode: "numeric", size: 5, maxlength: 5, autocomplete: "off", input: written });
  input.addEventListener("change", () => {
    input.value = asTime(input.value);
    written();
  });
  return input;
}

// What is no time stays as it was typed: the server says what is wrong with it.
function asTime(typed) {
  const [, hours, minutes = "00"] = /^(\d{1,2})[:.]?(\d\d)?$/.exec(latinDigits(typed.trim())) ?? [];
  return hours === undefined ? typed : `${hours.padStart(2, "0")}:${minutes}`;
}

// After the last stretch, or a usual day.
function next(spans) {
  const last = spans[spans.length - 1]?.split("-")[1];
  if (!last || last >= "22:00") return USUAL;
  const hour = (plus) => String(Math.min(23, Number(last.slice(0, 2)) + plus)).padStart(2, "0");
  return `${hour(1)}:00-${hour(3)}:00`;
}
