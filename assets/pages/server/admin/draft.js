// The draft: the settings as somebody is changing them, kept against a closed tab, with the state that it began from.

import { apply, copyOf, differences, LISTS, merged, reversed, same } from "./keys.js";

const KEPT = "dawr-settings-draft";

export class Draft {
  // `changed` is called after each change, with whether rows came, went or moved.
  constructor(changed) {
    this._changed = changed;
    this._selfNamed = new WeakSet(); // new rows whose id nobody has chosen
  }

  // Begin from the server's present state. A draft that was kept is put onto it: gives {kept, moved, doubts}, that is
  // whether there was one, whether the file had changed meanwhile, and the keys that both changed.
  begin({ digest, settings }) {
    const kept = read();
    this.digest = digest;
    this.base = settings;
    if (!kept) {
      this.settings = copyOf(settings);
      return { kept: false, moved: false, doubts: [] };
    }
    return { kept: true, moved: kept.digest !== digest, doubts: this._onto(kept.base, kept.settings) };
  }

  // The file has changed meanwhile: put what was changed here onto its present state. Gives the keys that both changed.
  renew({ digest, settings }) {
    const before = this.base;
    this.digest = digest;
    this.base = settings;
    return this._onto(before, this.settings);
  }

  _onto(base, mine) {
    const { settings, doubts } = merged(base, mine, this.base);
    this.settings = settings;
    this.touched(true);
    return doubts;
  }

  // Every table that a list of rows may have is there, so that rows can be added to it.
  rows(table) { return (this.settings[table] ??= []); }

  changes() { return differences(this.base, this.settings); }

  // Something in the draft was changed.
  touched(rows = false) {
    for (const table of LISTS) if (this.settings[table]?.length === 0 && !this.base[table]) delete this.settings[table];
    keep(same(this.base, this.settings) ? null : { digest: this.digest, base: this.base, settings: this.settings });
    this._changed(rows);
  }

  put(change) {
    apply(this.settings, change);
    this.touched(true);
  }

  takeBack(change) { this.put(reversed(change)); }

  replace(settings) {
    this.settings = settings;
    this.touched(true);
  }

  forget() {
    keep(null);
    this.settings = copyOf(this.base);
  }

  // Give a row another id, and tell whatever refers to it.
  rename(table, row, id) {
    const before = row.id;
    row.id = id;
    if (table === "line" || table === "category") {
      for (const service of this.rows("service")) if (service[table] === before) service[table] = id;
    }
    if (table === "line") {
      for (const counter of this.rows("counter")) counter.lines = counter.lines.map((line) => (line === before ? id : line));
    }
  }

  // What refers to a row: {services, counters}.
  referring(table, row) {
    return {
      services: ["line", "category"].includes(table) ? this.rows("service").filter((one) => one[table] === row.id) : [],
      counters: table === "line" ? this.rows("counter").filter((one) => one.lines?.includes(row.id)) : [],
    };
  }

  // Give a new row an id of its own, and keep it in step with its English name.
  nameItself(table, row, name) {
    row.id = this._freeId(table, row, name);
    this._selfNamed.add(row);
  }

  namedByHand(row) { this._selfNamed.delete(row); }

  // The English name of a row was written: gives whether its id follows.
  nameFollowed(table, row) {
    if (!this._selfNamed.has(row) || !row.name?.en) return false;
    this.rename(table, row, this._freeId(table, row, row.name.en));
    return true;
  }

  // An id from an English name, or from the kind and a number, that no other row has.
  _freeId(table, row, name = "") {
    const others = new Set(this.rows(table).filter((one) => one !== row).map(({ id }) => id));
    const slug = name.toLowerCase().normalize("NFD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
    for (let n = slug ? 1 : this.rows(table).length; ; n += 1) {
      const id = slug ? (n > 1 ? `${slug}-${n}` : slug) : `${table}-${n}`;
      if (!others.has(id)) return id;
    }
  }
}

// A browser may refuse to keep anything: then a closed tab loses the draft, and nothing else.
function keep(kept) {
  try {
    if (kept) localStorage.setItem(KEPT, JSON.stringify(kept));
    else localStorage.removeItem(KEPT);
  } catch {
    return;
  }
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
}
