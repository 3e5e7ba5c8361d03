// The line from a page to its server: whole views come in, commands go out. What a press comes to is always known: it
// was done, it was refused with a sentence, or it is still on its way and is sent again with the same id, however often
// the line breaks, so that the server does it once.

import { io } from "socket.io-client";
import { told } from "./told.js";

const ANSWER_MS = 4000;
const SILENT_MS = 7000; // the server's heartbeat comes each 3 s
const KEPT = "dawr-command";

export class Link {
  // `auth` says who looks, such as {role: "page", counter: "7"}. `change` is called when the line is up or gone.
  constructor(auth, change = () => {}) {
    this.up = false;
    this.since = Date.now();
    this.ahead_ms = 0;
    this._change = change;
    this._heard = Date.now();
    this._socket = io({
      auth: { role: "page", id: `page-${crypto.getRandomValues(new Uint32Array(1))[0]}`, language: told.language, ...auth },
      transports: ["websocket", "polling"], reconnectionDelay: 300, reconnectionDelayMax: 2000, timeout: 5000,
    });
    this._socket.on("connect", () => this._turn(true));
    this._socket.on("disconnect", () => this._turn(false));
    this._socket.on("connect_error", (error) => { this.refusal = error.data?.detail; this._turn(false); });
    this._socket.on("hello", (hello) => { this.ahead_ms = Date.parse(hello.now) - Date.now(); });
    this._socket.io.on("ping", () => { this._heard = Date.now(); });
    this._socket.onAny(() => { this._heard = Date.now(); });
    setInterval(() => this._look(), 1000);
    addEventListener("offline", () => this._turn(false));
  }

  on(event, take) { this._socket.on(event, take); }

  // The server's clock, as far as it was told.
  now() { return Date.now() + this.ahead_ms; }

  // Do a command: resolves with the server's answer {ok: true, …} or {ok: false, problem}. Without a line nothing is
  // sent and the answer is {ok: false}. Once sent, it is sent again until it is answered.
  async command(name, body) {
    if (!this.up) return { ok: false };
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    return this._ask({ name, body: { ...body, command_id: id } });
  }

  // The command that was on its way when this page was loaded anew, done now; null if there was none.
  async resumed() {
    const kept = sessionStorage.getItem(KEPT);
    return kept && this._ask(JSON.parse(kept));
  }

  async _ask(command) {
    sessionStorage.setItem(KEPT, JSON.stringify(command));
    for (;;) {
      await this._line();
      try {
        const answer = await this._socket.timeout(ANSWER_MS).emitWithAck(command.name, command.body);
        sessionStorage.removeItem(KEPT);
        return answer;
      } catch {
        // No answer in time, or the line broke under it: nobody knows whether it was done, so ask again.
      }
    }
  }

  _line() {
    return this.up ? Promise.resolve() : new Promise((go) => { (this._waiting ??= []).push(go); });
  }

  _look() {
    if (this.up && Date.now() - this._heard > SILENT_MS) this._turn(false);
    else if (!this.up && this._socket.connected && Date.now() - this._heard < SILENT_MS) this._turn(true);
  }

  _turn(up) {
    if (up) this._heard = Date.now();
    if (up !== this.up) {
      this.up = up;
      this.since = Date.now();
    }
    if (up) {
      this.refusal = undefined;
      for (const go of this._waiting?.splice(0) ?? []) go();
    }
    this._change(up);
  }
}
