// An order on its way to the kiosk that prints: asked for with one id until somebody has said what came of it. The kiosk
// carries it out at most once, and begins nothing that is older than some seconds; its age is told by a clock that
// nobody sets.

const ANSWER_MS = 35000; // the server waits for the kiosk for 30 s
const PAUSE_MS = 1500;
const PATIENCE_S = 12; // by then every order that could still begin has begun
const GIVE_UP_S = 115;
const KEPT = "dawr-order"; // of this tab: the page may be loaded anew in the middle

// A new order of `what` ("tickets", "papers" or "copies") with a wish.
export const made = (kiosk, what, wish, language) => ({ id: newId(), kiosk, what, wish, language });

// The order that was on its way when this page was loaded anew; null if there was none.
export function kept() { return JSON.parse(sessionStorage.getItem(KEPT)); }

// See an order through. Resolves with {outcome: "printed" | "in_doubt", …}, {outcome: "refused", detail} or, when nobody
// has answered for two minutes, {outcome: "unsettled"}; `doubt` hears before that, once, that there is no answer yet.
// One that was kept is only asked about: how old it is, nobody knows.
export async function seenThrough(order, doubt) {
  const wasKept = kept()?.id === order.id, began = performance.now() - (wasKept ? PATIENCE_S * 1000 : 0);
  const age_s = () => (performance.now() - began) / 1000;
  sessionStorage.setItem(KEPT, JSON.stringify(order));
  try {
    return await answered(order, age_s, wasKept, doubt);
  } finally {
    sessionStorage.removeItem(KEPT);
  }
}

async function answered({ id, kiosk, what, wish, language }, age_s, wasKept, doubt) {
  let doubted = false, tries = wasKept ? 1 : 0;
  const doubtOnce = () => {
    if (!doubted) doubt();
    doubted = true;
  };
  const impatient = setTimeout(doubtOnce, PATIENCE_S * 1000);
  try {
    while (age_s() < GIVE_UP_S) {
      const answer = await post(kiosk, what, { ...wish, age_s: tries++ ? age_s() : 0 }, id, language);
      if (answer.status === 201) return answer.body;
      // Refused before anybody saw which order it is: it may have been printed when it was asked for before.
      const unseen = answer.status === 429 && answer.body.code === "too_many_requests";
      if (answer.status >= 400 && answer.status < 500 && !unseen) return { outcome: "refused", detail: answer.body.detail };
      if (answer.status === 504) doubtOnce();
      await new Promise((go) => { setTimeout(go, PAUSE_MS); });
    }
    return { outcome: "unsettled" };
  } finally {
    clearTimeout(impatient);
  }
}

// The answer; status 0 when there was none.
async function post(kiosk, what, body, id, language) {
  const controller = new AbortController();
  const limit = setTimeout(() => controller.abort(), ANSWER_MS);
  try {
    const answer = await fetch(`/api/v1/kiosks/${encodeURIComponent(kiosk)}/${what}?language=${language}`, {
      method: "POST", body: JSON.stringify(body), signal: controller.signal,
      headers: { "Content-Type": "application/json", "Idempotency-Key": id },
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return { status: 0 };
  } finally {
    clearTimeout(limit);
  }
}

// crypto.randomUUID is there on secure pages only, which those of a hall's own network are not.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
