// The kiosks that are there now, beside those of the settings: as the server tells in the overview of the hall.

import { fetched } from "../../shared/sign_in.js";
import { told } from "../../shared/told.js";
import { say, timeOfDay } from "../../shared/words.js";
import { make } from "./elements.js";

const EVERY_MS = 5000;

export function devicesOfKiosks(page) {
  const list = make("ul", { class: "devices" });
  const ask = async () => {
    try {
      const answer = await fetched(`/api/v1/overview?language=${told.language}`);
      if (answer.ok) show(list, page, (await answer.json()).devices.filter(({ role }) => role === "kiosk"));
    } catch {
      // The page itself says that the server is gone.
    }
  };
  ask();
  const timer = setInterval(() => (list.isConnected ? ask() : clearInterval(timer)), EVERY_MS);
  return list;
}

// What the server knows, and the kiosks of the settings of which it knows nothing.
function show(list, page, devices) {
  const seen = new Set(devices.map(({ id }) => id));
  const missing = page.draft.rows("kiosk").filter(({ id }) => !seen.has(id)).map(({ id }) => ({ id, connected: false }));
  const items = [...devices, ...missing].map((device) => make("li", { "data-connected": String(device.connected) },
    make("b", { dir: "ltr" }, device.id), make("span", {}, presence(device)), (device.notes ?? []).map((note) => make("em", {}, note))));
  const same = list.children.length === items.length && items.every((item, at) => item.isEqualNode(list.children[at]));
  if (!same) list.replaceChildren(...items);
  if (!items.length) list.replaceChildren(make("li", { class: "hint" }, say("admin.no_kiosks")));
}

function presence({ connected, since }) {
  if (connected) return say("admin.connected");
  return since ? say("admin.gone_since", { time: timeOfDay(since) }) : say("admin.never_seen");
}
