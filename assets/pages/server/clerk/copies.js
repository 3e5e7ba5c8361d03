// A copy of a slip, printed at a kiosk. It is asked for beside the counter's line, because paper takes seconds, and the
// clerk calls on meanwhile.

import { fetched } from "../../shared/sign_in.js";
import { told } from "../../shared/told.js";
import { say } from "../../shared/words.js";

let printing = false;

// Why no copy can be asked for; null when one can.
export function whyNoCopy() {
  if (told.training) return say("clerk.why.training");
  if (!told.kiosks.length) return say("clerk.why.no_kiosk");
  return printing ? say("clerk.why.printing") : null;
}

// Print it: resolves with what came of it, {sentence, refused}.
export async function printCopy({ ticket, kiosk }) {
  printing = true;
  const answer = await fetched(`/api/v1/tickets/${encodeURIComponent(ticket)}/copies?language=${told.language}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ kiosk }),
  }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  printing = false;
  if (answer?.ok && said) return { sentence: say(`clerk.copy_of.${said.outcome}`, { number: said.number, kiosk }), refused: said.outcome !== "printed" };
  return { sentence: said?.detail ?? say("clerk.copy_unknown", { kiosk }), refused: true };
}
