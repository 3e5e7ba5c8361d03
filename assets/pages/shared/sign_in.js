// The way to the sign-in page and back: where a page goes whose session has ended, and how people are asked for.

import { told } from "./told.js";
import { say } from "./words.js";

let leaves = false;

// Whether this page is on its way to the sign-in page: nothing is lost by that, and nobody need be warned.
export const goesToSignIn = () => leaves;

// This page goes to the sign-in page, or a screen to where it is admitted, and comes back from there.
export function goToSignIn() {
  leaves = true;
  const isScreen = ["kiosk", "tablet"].some((page) => document.body.classList.contains(page));
  location.assign(`${isScreen ? "/screen?" : "/sign-in?ended=1&"}to=${encodeURIComponent(location.pathname + location.search)}`);
}

// `fetch`, unless nobody is signed in any more: then this page goes away, and there is no answer.
export async function fetched(...request) {
  const answer = await fetch(...request);
  if (answer.status !== 401) return answer;
  goToSignIn();
  return new Promise(() => {});
}

// Ask for something about people: {ok: true, …} or {ok: false, code, detail}; without an answer, no code.
export async function ask(method, path, body) {
  try {
    const answer = await fetch(`/api/v1${path}?language=${told.language}`, {
      method,
      cache: "no-store",
      ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
    return { ...(await answer.json()), ok: answer.ok };
  } catch {
    return { ok: false, detail: say("page.lost") };
  }
}

// Where to go after signing in: a page of this server, or the start page. As a whole address, for "//evil.example", which
// is a path of ours that "/.//evil.example" leads to, would be another server by itself.
export function wanted(to) {
  if (!to?.startsWith("/")) return "/";
  const url = new URL(to, location.origin);
  return url.origin === location.origin ? url.href : "/";
}

const NAMES = "dawr-names", MOST = 8;

// The names that have signed in at this browser, the last one first: [{name, role}].
export function names() {
  try {
    const kept = JSON.parse(localStorage.getItem(NAMES)) ?? [];
    return kept.filter((one) => typeof one.name === "string");
  } catch {
    return [];
  }
}

export function remember(name, role) {
  const others = names().filter((one) => one.name !== name);
  localStorage.setItem(NAMES, JSON.stringify([{ name, role }, ...others].slice(0, MOST)));
}
