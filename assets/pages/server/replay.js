// A day played again: time runs as fast as is wished, may be stopped, and may be dragged to any moment.

import { say, timeOfDay } from "../shared/words.js";
import { fetched } from "../shared/sign_in.js";
import { told } from "../shared/told.js";
import { dayName } from "./reports/telling.js";
import { Course } from "./replay/course.js";
import { paint, paintProfile, walk } from "./replay/picture.js";

const PROFILE_STEPS = 250;
const FASTEST_WALK = 120; // faster, those who walk would only be a crowd
const form = document.getElementById("controls"), said = document.getElementById("said");
const hall = document.getElementById("hall"), play = document.getElementById("play");
const slider = document.getElementById("moment"), clock = document.getElementById("clock");
let course = null, began = 0, second = 0, playing = false, before = 0, asking = 0;

async function load() {
  const turn = ++asking, day = form.day.value;
  stop();
  if (!day) return;
  tell(say("replay.loading"));
  const answer = await fetched(`/api/v1/reports/replay?day=${day}&language=${told.language}`).catch(() => null);
  const body = await answer?.json().catch(() => null);
  if (turn !== asking) return;
  if (!answer?.ok || !body) return tell(body?.detail ?? say("replay.cannot"));
  if (!body.moments.length) return tell(say("replay.nothing", { day: dayName(day) }));
  course = new Course(body.moments, Object.keys(told.lines), Object.keys(told.counters));
  began = Date.parse(body.began_at);
  hall.hidden = false;
  said.textContent = "";
  slider.max = Math.ceil(course.length_s);
  paintProfile(course.profile(PROFILE_STEPS));
  for (const part of [play, slider]) part.disabled = false;
  go(0);
}

function tell(sentence) {
  said.textContent = sentence;
  hall.hidden = true;
  course = null;
  for (const part of [play, slider]) part.disabled = true;
}

// Show the hall at a moment, in seconds since the first one.
function go(to) {
  second = Math.min(Math.max(0, to), course.length_s);
  const called = course.at(second);
  paint(course);
  if (playing && Number(form.speed.value) <= FASTEST_WALK) called.forEach(walk);
  const time = timeOfDay(began + second * 1000);
  clock.textContent = time;
  slider.value = second;
  slider.setAttribute("aria-valuetext", time);
  if (second >= course.length_s) {
    stop();
    said.textContent = say("replay.ended");
  }
}

function tick(now) {
  if (!playing) return;
  go(second + ((now - before) / 1000) * Number(form.speed.value));
  before = now;
  requestAnimationFrame(tick);
}

function start() {
  if (!course) return;
  if (second >= course.length_s) go(0);
  said.textContent = "";
  playing = true;
  before = performance.now();
  label();
  requestAnimationFrame(tick);
}

function stop() {
  playing = false;
  label();
}

function label() {
  play.textContent = say(playing ? "replay.pause" : "replay.play");
}

play.addEventListener("click", () => (playing ? stop() : start()));
slider.addEventListener("input", () => { said.textContent = ""; go(Number(slider.value)); });
form.day.addEventListener("change", () => {
  history.replaceState(null, "", `?day=${form.day.value}`);
  load();
});
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("keydown", (event) => {
  if (event.code !== "Space" || event.target.closest("button, select, input:not([type=range])")) return;
  event.preventDefault();
  play.click();
});

form.day.value = new URLSearchParams(location.search).get("day") ?? told.today ?? new Date().toISOString().slice(0, 10);
label();
load();
