// Waits in public: the page as the server makes it, looked at again every half minute; what was unfolded stays so.

const EVERY_MS = 30000;
const address = location.href;

setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);

async function look() {
  if (document.hidden) return;
  const text = await fetch(address, { cache: "no-cache" }).then((answer) => (answer.ok ? answer.text() : ""), () => "");
  const now = text && new DOMParser().parseFromString(text, "text/html").getElementById("now");
  const shown = document.getElementById("now");
  if (!now || now.innerHTML === withoutFolds(shown)) return;
  const unfolded = [...shown.querySelectorAll("details")].map((one) => one.open);
  now.querySelectorAll("details").forEach((one, place) => { one.open = unfolded[place]; });
  shown.replaceWith(document.adoptNode(now));
}

function withoutFolds(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("details").forEach((one) => { one.open = false; });
  return copy.innerHTML;
}
