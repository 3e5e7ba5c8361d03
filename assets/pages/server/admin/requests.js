// Asking the server about its settings: every answer is {ok, status, body}; without a server it is {ok: false, status: 0}.

import { told } from "../../shared/told.js";

const ROOT = "/api/v1/settings", AUDIT = "/api/v1/audit";

export const ask = (path = "") => request(ROOT + path);
export const askAudit = (before) => request(before ? `${AUDIT}?before=${before}` : AUDIT);
export const send = (path, body) => request(ROOT + path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
});

// A picture of some settings as an address that an image can show, or the refusal.
export async function picture(path, body) {
  const answer = await send(path, body);
  return answer.ok ? { ...answer, body: await readAsAddress(answer.body) } : answer;
}

async function request(path, options = {}) {
  const joint = path.includes("?") ? "&" : "?";
  try {
    const answer = await fetch(`${path}${joint}language=${told.language}`, { cache: "no-store", ...options });
    const body = answer.headers.get("Content-Type")?.startsWith("image/") ? await answer.blob() : await answer.json();
    return { ok: answer.ok, status: answer.status, body };
  } catch {
    return { ok: false, status: 0, body: {} };
  }
}

// The page's policy lets images come from the server or from the page itself, and not from `blob:`.
function readAsAddress(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = failed;
    reader.readAsDataURL(blob);
  });
}
