// The parts that the page is made of.

import { say } from "../../shared/words.js";

// An element with attributes (a function listens, true stands alone, false and null are left out) and what is in it.
export function make(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...inside.flat().filter((one) => one !== null && one !== undefined));
  return made;
}

export const button = (text, click, attributes = {}) => make("button", { type: "button", click, ...attributes }, text);

// A button that shows a sign: what it does is said to those who cannot see it, and shown when pointed at.
export const signButton = (sign, text, click, attributes = {}) =>
  button(make("span", { "aria-hidden": "true" }, sign), click, { "aria-label": text, title: text, class: "sign", ...attributes });

// Several things in one line.
export const joined = (parts) => parts.join(`${say("admin.comma")} `);

// What is typed with Arabic digits, as the file has it.
export const latinDigits = (text) => text.replace(/[٠-٩]/g, (digit) => "٠١٢٣٤٥٦٧٨٩".indexOf(digit));

let made = 0;
export const newId = (name) => `${name}-${made += 1}`;

// A part of the page with its title.
export function card(title, ...inside) {
  const id = newId("title");
  return make("section", { class: "card", "aria-labelledby": id }, make("h3", { id }, title), ...inside);
}

export const byId = (id) => document.getElementById(id);
