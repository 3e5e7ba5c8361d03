// Something that a clerk switches on or off on this machine, such as the sound. Browsers keep it.

import { say } from "../../shared/words.js";

// Wires the switch's button; what you get tells whether it is on.
export function makeSwitch(name) {
  const button = document.getElementById(name), kept = `dawr-clerk-${name}`;
  let on = localStorage.getItem(kept) !== "off";
  const show = () => {
    button.setAttribute("aria-pressed", String(on));
    button.querySelector("b").textContent = say(on ? "clerk.on" : "clerk.off");
    document.body.classList.toggle(`without-${name}`, !on);
  };
  button.addEventListener("click", (event) => {
    on = !on;
    localStorage.setItem(kept, on ? "on" : "off");
    show();
    if (event.detail > 0) button.blur();
  });
  show();
  return () => on;
}
