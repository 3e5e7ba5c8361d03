// The words that a page came with, by the same keys and rules as dawr/words.py: plurals by CLDR, values isolated, so
// that no number is turned round by its neighbours.

import { told } from "./told.js";

const OPEN_LTR = "\u2066", OPEN_ANY = "\u2068", CLOSE = "\u2069";
const ARABIC = /[\u0600-\u06ff]/;

// What says the words of a language: a dotted key with its values; a plural is chosen by `count`.
export function speaker(language, words) {
  const plural = new Intl.PluralRules(language);
  return (key, values = {}) => {
    let entry = key.split(".").reduce((table, part) => table?.[part], words);
    if (typeof entry === "object" && entry !== null) entry = entry[plural.select(values.count)];
    if (typeof entry !== "string") throw new Error(`there is no word ${key}`);
    return entry.replace(/\{(\w+)\}/g, (_, name) => isolated(values[name]));
  };
}

// The words of this page's language.
export const say = speaker(told.language, told.words);

export const has = (key) => key.split(".").reduce((table, part) => table?.[part], told.words) !== undefined;

// This language's text among a setting's texts, or the first there is.
export const of = (texts) => texts[told.language] ?? Object.values(texts)[0] ?? "";

// A number, ticket number or id in the centre's digits.
export function number(value) {
  const text = String(value);
  return told.digits === "arabic" ? text.replace(/[0-9]/g, (digit) => "٠١٢٣٤٥٦٧٨٩"[digit]) : text;
}

// The time of day of an instant, `08:05`, in the centre's own zone.
export function timeOfDay(instant) {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: told.zone };
  return number(new Intl.DateTimeFormat("en-GB", parts).format(new Date(instant)));
}

// A length of time as people read it on a watch: `4:05`, `1:04:05`.
export function stopwatch(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part) => String(part).padStart(2, "0");
  return number(hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`);
}

function isolated(value) {
  const text = number(value);
  return (/[0-9٠-٩]/.test(text) && !ARABIC.test(text.replace(/[٠-٩]/g, "")) ? OPEN_LTR : OPEN_ANY) + text + CLOSE;
}
