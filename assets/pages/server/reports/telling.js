// Figures, days and names as people read them.

import { number, of, say, stopwatch } from "../../shared/words.js";
import { told } from "../../shared/told.js";

const locale = { ar: "ar-SY", en: "en-GB" }[told.language] ?? told.language;
const calendar = (options) => new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC", numberingSystem: "latn" });
const DAY = calendar({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = calendar({ day: "numeric", month: "long", year: "numeric" });
const WEEKDAY = calendar({ weekday: "long" });
export const WEEK = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const at = (day) => new Date(`${day}T12:00:00Z`);
export const dayName = (day) => number(DAY.format(at(day)));
export const shortDay = (day) => number(SHORT_DAY.format(at(day)));
// 1 November 2026 was a Sunday.
export const weekdayName = (weekday) => WEEKDAY.format(new Date(Date.UTC(2026, 10, 1 + WEEK.indexOf(weekday), 12)));
// A share in percent; of the small ones the tenths too, so that few is not none.
export const share = (value) => number(`${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)}%`);
export const minutes = (seconds) => number(Math.round(seconds / 60));

// A value of a column of the report.
export function figure(column, value) {
  if (value === null || value === undefined) return "–";
  const kind = told.columns[column];
  return kind === "seconds" ? stopwatch(Math.round(value)) : kind === "share" ? share(value) : number(value.toLocaleString("en-GB"));
}

// What a person calls a row of a report.
export function groupName(row, by) {
  if (row.key === "all") return say("reports.all");
  if (row.name) return of(row.name);
  if (by === "weekday") return weekdayName(row.key);
  if (by === "day") return shortDay(row.key);
  return number(by === "hour" ? `${row.key.padStart(2, "0")}:00` : row.key);
}

// An element with its text or its children.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}
