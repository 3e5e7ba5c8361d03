// Elements in few words: a tag, classes, and then attributes, listeners and children in any order.

import { told } from "../../shared/told.js";

export function make(tag, classes, ...rest) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  for (const one of rest) {
    if (one === null || one === undefined || one === "" || one === false) continue;
    if (one instanceof Node || typeof one === "string") element.append(one);
    else for (const [name, value] of Object.entries(one)) set(element, name, value);
  }
  return element;
}

export function put(element, text) { if (element.textContent !== text) element.textContent = text; }

// An icon; one that points along the line of reading turns round with it.
export function drawing(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", told.icons[name]);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", told.directed.includes(name) ? "icon directed" : "icon");
  svg.append(path);
  return svg;
}

function set(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (value !== false) element.setAttribute(name, value === true ? "" : value);
}
