// The line from a page to its server: whole views come in, commands go out. What a press comes to is always known: it
// was done, it was refused with a sentence, or it is still on its way and is sent again with the same id, however often
// the line breaks, so that the server does it once.

import { io } from "socket.io-client";
import { told } from "./told.js";

const ANSWER_MS = 4000;
const SILENT_MS = 7000; // the server's heartbeat comes each 3 s
const LOOK_MS = 1000;
const REFUSED_MS = 3000;
const KEPT = `dawr-command ${location.pathname}`; // of this tab, and of this page alone: practising is not working

export class Link {
  // `auth` says who looks, such as {role: "page", counter: "7"}. `change` is called when the line is up or gone, `renewed`
  // when the server keeps another log or other settings than before: it says whether the page can go on with them.
  constructor(auth, change = () => {}, namespace = "/", renewed = loadAnew) {
    this.up = false;
    this.busy = false;
    this._greets = false; // whether this connection was greeted
    this.since = Date.now();
    this._change = change;
    this._renewed = renewed;
    // Not the clock of the day, which somebody may set while the page is open.
    this._heard = performance.now();
    this._ahead_ms = Date.now() - performance.now();
    this._socket = io(namespace, {
      auth: { role: "page", id: `page-${newId()}`, language: told.language, ...auth },
      transports: ["websocket", "polling"], tryAllTransports: true,
      reconnectionDelay: 300, reconnectionDelayMax: 2000, timeout: 5000,
    });
    this._socket.on("hello", (hello) => this._greeted(hello));
    this._socket.on("sent-away", (problem) => { this._sentAway = problem.detail; });
    this._socket.on("disconnect", () => this._gone(this._sentAway));
    this._socket.on("connect_error", (error) => this._gone(error.data?.detail));
    this._socket.io.on("ping", () => { this._heard = performance.now(); });
    this._socket.onAny(() => { this._heard = performance.now(); });
    this._looked = this._heard;
    setInterval(() => this._look(), LOOK_MS);
    // The browser's word that a cable is out is not the last: a heartbeat proves the contrary.
    addEventListener("offline", () => { this._heard = -SILENT_MS; this._look(); });
  }

  on(event, take) { this._socket.on(event, take); }

  // The server's clock, as far as it was told, in ms since 1970.
  now() { return performance.now() + this._ahead_ms; }

  // Do a command: resolves with the server's answer {ok: true, …} or {ok: false, problem}. Without a line, or while
  // another is on its way, nothing is sent and the answer is {ok: false}. Once sent, it is sent again until it is
  // answered. `shown` is what the person saw who asked for it.
  async command(name, body, shown = "") {
    if (!this.up || this.busy) return { ok: false };
    // The server could not say whether it stored the last one: asked for again, it is the same one.
    const said = JSON.stringify([name, body, shown]);
    const id = this._doubtful?.said === said ? this._doubtful.id : newId();
    const answer = await this._ask({ epoch: this.epoch, name, body: { ...body, command_id: id } });
    this._doubtful = answer.problem?.code === "storage_failed" ? { said, id } : undefined;
    return answer;
  }

  // What became of the command that was on its way when this page was loaded anew: {command, answer}; null if there was
  // none. The answer is {ok: false, unknown: true} if it went to another log than the server keeps now.
  async resumed() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (!kept) return null;
    this.busy = true;
    await this._line();
    if (kept.epoch === this.epoch) return { command: kept.name, answer: await this._ask(kept) };
    sessionStorage.removeItem(KEPT);
    this.busy = false;
    return { command: kept.name, answer: { ok: false, unknown: true } };
  }

  async _ask(command) {
    this.busy = true;
    sessionStorage.setItem(KEPT, JSON.stringify(command));
    for (;;) {
      await this._line();
      try {
        const answer = await this._socket.timeout(ANSWER_MS).emitWithAck(command.name, command.body);
        sessionStorage.removeItem(KEPT);
        this.busy = false;
        return answer;
      } catch {
        // No answer in time, or the line broke under it: nobody knows whether it was done, so ask again.
      }
    }
  }

  _line() {
    return this.up ? Promise.resolve() : new Promise((go) => { (this._waiting ??= []).push(go); });
  }

  // The line is up only now: before, nobody knows whether the server still keeps the log that this page shows,
  // and with the settings that it was made from.
  _greeted(hello) {
    this._ahead_ms = Date.parse(hello.now) - performance.now();
    const server = JSON.stringify([hello.epoch, hello.version, hello.centre]);
    if (this._server && server !== this._server && !this._renewed()) return;
    this._server = server;
    this._greets = true;
    this.epoch = hello.epoch;
    this._turn(true);
  }

  _gone(refusal) {
    this.refusal = refusal;
    this._greets = false;
    this._turn(false);
    // Socket.IO does not try again by itself when the server refused the page or said goodbye.
    if (!this._socket.active) setTimeout(() => this._socket.connect(), REFUSED_MS);
  }

  _look() {
    const now = performance.now(), late = now - this._looked > 2 * LOOK_MS;
    this._looked = now;
    // The page itself was busy or asleep: what came meanwhile is heard only after this.
    if (late) return;
    const heard = this._greets && now - this._heard < SILENT_MS;
    if (heard !== this.up) this._turn(heard);
  }

  _turn(up) {
    if (up !== this.up) {
      this.up = up;
      this.since = Date.now();
    }
    if (up) {
      this.refusal = this._sentAway = undefined;
      for (const go of this._waiting?.splice(0) ?? []) go();
    }
    this._change(up);
  }
}

function loadAnew() {
  location.reload();
  return false;
}

// crypto.randomUUID is there on secure pages only, which those of a hall's own network are not.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
