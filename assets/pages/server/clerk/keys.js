// The keys of the page, by their place on the keyboard: the same when it types Arabic.

// `names` are the presses by key code; `press` is called with one. Nothing happens while somebody types or chooses.
export function listen(names, isOn, press) {
  addEventListener("keydown", (event) => {
    const name = names.get(event.code);
    if (!name || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const target = inUse(event.target);
    if (!isOn() || document.querySelector("dialog[open]") || types(target)) return;
    // On a button that was reached by keyboard, the space bar is that button's.
    if (event.code === "Space" && target.closest("button, a, input")) return;
    event.preventDefault();
    if (!event.repeat) press(name);
  });
}

// A dialog that was closed keeps the focus until the next frame, which may be long in coming.
const inUse = (target) => (target.closest("dialog:not([open])") ? document.body : target);

const types = (target) => target.closest("textarea, select, input:not([type=checkbox], [type=radio])") !== null;

// The digit of a key, on either part of the keyboard; null for another key.
export const digitOf = (event) => event.code.match(/^(?:Digit|Numpad)(\d)$/)?.[1] ?? null;

// The Latin letter of a key, whatever the keyboard types; null for another key.
export const letterOf = (event) => event.code.match(/^Key([A-Z])$/)?.[1] ?? null;
