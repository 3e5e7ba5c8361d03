// The banner that cannot be overlooked: the line to the server is gone, since when, and what that means.

import { say } from "./words.js";

const PATIENCE_MS = 1500; // a reload of the server is no news
const banner = document.getElementById("lost");
let timer = 0;

// Show or take away the banner, as the link is now.
export function lost(link, key = "page.lost") {
  clearTimeout(timer);
  document.body.classList.toggle("is-lost", !link.up);
  if (link.up) banner.hidden = true;
  else timer = setTimeout(() => tell(link, key), Math.max(0, link.since + PATIENCE_MS - Date.now()));
}

function tell(link, key) {
  banner.textContent = link.refusal ?? say(key);
  banner.hidden = false;
}
