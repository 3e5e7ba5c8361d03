// The demo's hall page: shows what the devices show, hands on taps and presses. It decides nothing and knows no words
// but those that the page came with.

const said = JSON.parse(document.getElementById("said").textContent);
const STEP = 0.04; // of the picture, for each arrow key

// ---- telling the demo ----

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

// ---- screens: a device's own picture, the newest only ----

function screen(name) {
  const place = document.getElementById(name);
  const img = place.querySelector("img");
  const silent = place.querySelector(".silent");
  let shown = 0, wanted = 0, loading = false;

  function load() {
    if (loading || shown === wanted) return;
    loading = true;
    const frame = wanted;
    img.onload = img.onerror = () => {
      loading = false;
      shown = frame;
      if (img.naturalWidth) {
        img.hidden = false;
        place.style.aspectRatio = `${img.naturalWidth} / ${img.naturalHeight}`;
      }
      place.dataset.frame = frame;
      load();
    };
    img.src = `/picture/${name}?frame=${frame}`;
  }

  return {
    place,
    img,
    show({ frame, trouble }) {
      silent.hidden = !trouble;
      if (trouble && silent.textContent !== trouble) silent.textContent = trouble;
      if (frame) {
        wanted = frame;
        load();
      }
    },
  };
}

// A touch screen: a click is a touch where it was, the arrow keys move a pointer and Enter touches there.
function touchable({ place, img }, name) {
  const pointer = place.querySelector(".pointer");
  const at = { x: 0.5, y: 0.5 };

  function touch(x, y) {
    const ring = document.createElement("span");
    ring.className = "touch";
    put(ring, x, y);
    place.append(ring);
    ring.addEventListener("animationend", () => ring.remove());
    post(`/tap/${name}`, { x, y });
  }

  function put(mark, x, y) {
    // The picture is never mirrored, whatever the direction of the page.
    mark.style.left = `${x * 100}%`;
    mark.style.top = `${y * 100}%`;
  }

  place.addEventListener("click", (event) => {
    const box = img.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
    pointer.hidden = true;
    if (x >= 0 && x <= 1 && y >= 0 && y <= 1) touch(x, y);
  });

  const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  place.addEventListener("keydown", (event) => {
    const touches = event.key === "Enter" || event.key === " ";
    if (!touches && !moves[event.key]) return;
    event.preventDefault();
    if (touches && !pointer.hidden) return touch(at.x, at.y);
    const upright = img.naturalWidth / img.naturalHeight || 1;
    const [dx, dy] = moves[event.key] || [0, 0];
    at.x = Math.min(0.98, Math.max(0.02, at.x + dx));
    at.y = Math.min(0.98, Math.max(0.02, at.y + dy * upright));
    put(pointer, at.x, at.y);
    pointer.hidden = false;
  });
  place.addEventListener("blur", () => { pointer.hidden = true; });
}

// ---- slips ----

const tray = document.getElementById("slips");
const dialog = document.getElementById("enlarged");
const noSlips = document.getElementById("no-slips");
let slipsKnown = null;

function showSlips(names) {
  if (slipsKnown && names.join() === slipsKnown.join()) return;
  const fresh = slipsKnown ? names.filter((name) => !slipsKnown.includes(name)) : [];
  for (const item of [...tray.children]) if (!names.includes(item.dataset.slip)) item.remove();
  for (const name of [...names].reverse()) {
    if (![...tray.children].some((item) => item.dataset.slip === name)) tray.prepend(slip(name, fresh.includes(name)));
  }
  if (fresh.length) tray.scrollTo({ top: 0, left: 0 });
  noSlips.hidden = names.length > 0;
  slipsKnown = names;
}

function slip(name, fresh) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const img = document.createElement("img");
  item.dataset.slip = name;
  item.classList.toggle("fresh", fresh);
  button.type = "button";
  button.setAttribute("aria-label", said.enlarge);
  img.alt = said.slip;
  img.src = `/slip/${encodeURIComponent(name)}`;
  button.append(img);
  button.addEventListener("click", () => {
    dialog.querySelector("img").src = img.src;
    dialog.showModal();
  });
  item.append(button);
  return item;
}

dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

// ---- counter boxes ----

// One digit, 60 by 104: its seven segments a–g and the point, in the order of the pins.
const BAR = "l6-6h24l6 6-6 6h-24z", POST = "l6-6 6 6v24l-6 6-6-6z";
const SEGMENTS = [
  `M10 8${BAR}`, `M44 18${POST}`, `M44 60${POST}`, `M10 94${BAR}`, `M2 60${POST}`, `M2 18${POST}`, `M10 51${BAR}`,
  "M58 90h8v8h-8z",
];

function digit() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 68 104");
  for (const outline of SEGMENTS) {
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", outline);
    svg.append(path);
  }
  return svg;
}

function box(place) {
  const id = place.dataset.counter;
  const lamp = place.querySelector(".lamp"), digits = place.querySelector(".digits"), status = place.querySelector(".status"), answer = place.querySelector(".answer");

  for (const button of place.querySelectorAll("button")) {
    button.addEventListener("click", async () => {
      const taken = await post(`/press/${id}`, { button: button.dataset.button });
      if (!taken) answer.textContent = said.not_taken;
    });
  }

  function showDigits(lit) {
    while (digits.children.length < lit.length) digits.append(digit());
    while (digits.children.length > lit.length) digits.lastChild.remove();
    lit.forEach((segments, place) => {
      [...digits.children[place].children].forEach((path, n) => path.classList.toggle("lit", segments.includes("abcdefg."[n])));
    });
  }

  return (now) => {
    place.classList.toggle("gone", now.gone);
    lamp.className = `lamp ${now.lamp}`;
    lamp.setAttribute("aria-label", now.said);
    showDigits(now.digits);
    answer.classList.toggle("refused", now.refused);
    write(status, now.status);
    write(answer, now.answer);
  };
}

// ---- today ----

function write(cell, text) {
  if (cell && cell.textContent !== text) cell.textContent = text;
}

function showPlayed(figures) {
  for (const [name, text] of Object.entries(figures)) write(document.querySelector(`[data-played="${name}"]`), text);
}

function showToday({ figures, lines }) {
  for (const [name, text] of Object.entries(figures)) write(document.querySelector(`[data-figure="${name}"]`), text);
  for (const [line, cells] of Object.entries(lines)) {
    const row = document.querySelector(`[data-line="${line}"]`);
    row.classList.toggle("busy", cells.busy);
    for (const of of ["waiting", "called", "mean"]) write(row.querySelector(`[data-of="${of}"]`), cells[of]);
  }
}

// ---- what is wrong with the whole hall ----

const lost = document.getElementById("lost");

function warn(text) {
  write(lost, text || "");
  lost.hidden = !text;
}

// ---- the story ----

const kiosk = screen("kiosk"), board = screen("board");
const boxes = new Map([...document.querySelectorAll(".box")].map((place) => [place.dataset.counter, box(place)]));
let source = null;

function follow() {
  source?.close();
  source = new EventSource(`/events?language=${document.documentElement.lang}`);
  source.onerror = () => warn(said.silent_demo);
  source.onmessage = ({ data }) => {
    const hall = JSON.parse(data);
    warn(hall.trouble);
    kiosk.show(hall.screens.kiosk);
    board.show(hall.screens.board);
    showSlips(hall.slips);
    for (const [id, now] of Object.entries(hall.counters)) boxes.get(id)?.(now);
    showToday(hall.today);
    showPlayed(hall.played);
  };
}

// A browser allows few connections to one address: a page that nobody sees gives its own back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) source?.close();
  else follow();
});

touchable(kiosk, "kiosk");
follow();
