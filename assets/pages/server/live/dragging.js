// Lines that are taken with the pointer and let go over a counter, which then serves them as well. A mouse, a pen or a
// finger can do it; whoever works by keyboard has the counter's list of lines for the same.

const FAR_ENOUGH_PX = 6; // nearer it is a press, and no drag
const EDGE_PX = 70, SCROLL_PX = 14;

// `over` is asked what letting go of these lines over this counter's card, or over none, would do: {sentence, does}, where
// `does` is whether it would do anything. `drop` is called when they are let go over a card.
export function dragLines(over, drop) {
  let held = null;

  addEventListener("pointerdown", (event) => {
    const source = event.target.closest("[data-lines]");
    if (!source || event.button !== 0 || held) return;
    event.preventDefault(); // else the browser selects text
    const at = { x: event.clientX, y: event.clientY };
    held = { ...at, began: at, id: event.pointerId, lines: source.dataset.lines.split(" "), from: source.closest("[data-counter]") };
  });
  addEventListener("pointermove", (event) => {
    if (event.pointerId !== held?.id) return;
    [held.x, held.y] = [event.clientX, event.clientY];
    if (!held.ghost && Math.hypot(held.x - held.began.x, held.y - held.began.y) < FAR_ENOUGH_PX) return;
    held.ghost ??= begin();
    show();
  });
  addEventListener("pointerup", (event) => { if (event.pointerId === held?.id) end(true); });
  addEventListener("pointercancel", (event) => { if (event.pointerId === held?.id) end(false); });
  addEventListener("keydown", (event) => { if (event.key === "Escape" && held) end(false); });

  function begin() {
    const ghost = document.body.appendChild(document.createElement("p"));
    ghost.className = "ghost";
    document.body.classList.add("dragging");
    requestAnimationFrame(scroll);
    return ghost;
  }

  function target() {
    const card = document.elementFromPoint(held.x, held.y)?.closest("[data-counter]");
    return card && card !== held.from ? card : null;
  }

  function show() {
    const card = target(), { sentence, does } = over(held.lines, card);
    for (const other of document.querySelectorAll(".drop")) if (other !== card) other.classList.remove("drop");
    card?.classList.toggle("drop", does);
    held.ghost.classList.toggle("does", does);
    if (held.ghost.textContent !== sentence) held.ghost.textContent = sentence;
    const { offsetWidth: width, offsetHeight: height } = held.ghost;
    held.ghost.style.left = `${Math.min(Math.max(8, held.x - width / 2), innerWidth - width - 8)}px`;
    held.ghost.style.top = `${Math.max(8, held.y - height - 18)}px`; // above the finger
  }

  // What is at the edge of the screen comes nearer.
  function scroll() {
    if (!held?.ghost) return;
    const by = held.y < EDGE_PX ? -SCROLL_PX : held.y > innerHeight - EDGE_PX ? SCROLL_PX : 0;
    if (by) {
      scrollBy(0, by);
      show();
    }
    requestAnimationFrame(scroll);
  }

  function end(let_go) {
    const { ghost, lines } = held, card = ghost && let_go ? target() : null;
    ghost?.remove();
    document.body.classList.remove("dragging");
    for (const other of document.querySelectorAll(".drop")) other.classList.remove("drop");
    held = null;
    if (card) drop(lines, card);
  }
}
