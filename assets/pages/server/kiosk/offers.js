// What the kiosk offers now, as the server tells it, and since when nothing was heard.

import { fetched } from "../../shared/sign_in.js";
import { told } from "../../shared/told.js";

const EVERY_MS = 2000, PATIENCE_MS = 4000;
const STALE_MS = 8000; // a screen says within 10 s that it knows nothing any more

const SERVICES = new Map(told.services.map((one) => [one.id, one]));

export class Offers {
  // `at` is the kiosk that prints; null while none is chosen.
  constructor(at) {
    this._at = at;
    this.now = null;
    this.kiosks = [];
    this._heard = performance.now();
    this._text = "";
    this.of = (service) => this.now?.services.find((one) => one.id === service);
    this._again();
  }

  // Ask at once; one question at a time.
  async look() {
    if (this._asking) return;
    this._asking = true;
    try {
      const answer = await fetched(this._address(), { cache: "no-cache", signal: timeout(PATIENCE_MS) });
      const text = await answer.text();
      if (answer.ok) this._hear(text);
      else if (answer.status === 404) this._at = null; // there is no such kiosk: let somebody choose
    } catch {
      // Nothing heard: that shows by itself.
    } finally {
      this._asking = false;
    }
  }

  // Whether what stands here may be old. The link notices a silent server sooner than a question does.
  isStale(link) {
    const now = performance.now();
    return now - this._heard > STALE_MS || (this._text !== "" && !link.up && Date.now() - link.since > 1500);
  }

  // Whether the page was made from other settings than the server has now.
  isOutdated() { return this.now !== null && this.now.settings !== told.settings; }

  _address() { return this._at === null ? "/api/v1/kiosks" : `/api/v1/kiosks/${encodeURIComponent(this._at)}/offers`; }

  _hear(text) {
    this._heard = performance.now();
    if (text === this._text) return;
    this._text = text;
    const said = JSON.parse(text);
    if (said.kiosks) this.kiosks = said.kiosks;
    else this.now = { ...said, services: said.services.filter((one) => SERVICES.has(one.id)) };
  }

  async _again() {
    await this.look();
    setTimeout(() => this._again(), EVERY_MS);
  }
}

export const service = (id) => SERVICES.get(id);

function timeout(ms) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}
