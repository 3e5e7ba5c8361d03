// How two states of the settings differ, key by key, and how a difference is put onto another state. Rows of a table are
// known by what names them, so that a row that was moved is still the same one.

export const LISTS = ["holiday", "class", "line", "category", "service", "counter", "kiosk"];
const SINGLE = ["centre", "hours", "privacy"];
const ORDERED = ["line", "category", "service", "counter"]; // the order of the others is seen nowhere

export const copyOf = (value) => JSON.parse(JSON.stringify(value));
export const same = (one, other) => canonical(one) === canonical(other);

// What names a row for machines.
export const idOf = (table, row) => (table === "holiday" ? row.date : row.id);

export const rowOf = (settings, table, id) => (settings[table] ?? []).find((row) => idOf(table, row) === id);

// Every difference: {key, table, id, field, kind: added|removed|changed|order, was, is}; `was` and `is` are whole rows
// where one was added or removed, lists of ids where the order changed, and undefined where there is no such key.
export function differences(before, after) {
  const found = SINGLE.flatMap((table) => fieldDifferences(table, null, before, after));
  for (const table of LISTS) {
    const were = rowsById(before, table), are = rowsById(after, table);
    for (const [id, row] of are) {
      if (were.has(id)) found.push(...fieldDifferences(table, id, were.get(id), row));
      else found.push({ key: `${table}[${id}]`, table, id, kind: "added", is: row });
    }
    for (const [id, row] of were) if (!are.has(id)) found.push({ key: `${table}[${id}]`, table, id, kind: "removed", was: row });
    if (ORDERED.includes(table)) found.push(...orderDifference(table, [...were.keys()], [...are.keys()]));
  }
  return found;
}

// Put one difference onto some settings.
export function apply(settings, { table, id, field, kind, is, row }) {
  if (kind === "order") {
    const place = (one) => (is.includes(idOf(table, one)) ? is.indexOf(idOf(table, one)) : is.length);
    settings[table].sort((one, other) => place(one) - place(other));
  } else if (kind === "removed") {
    settings[table] = settings[table].filter((one) => idOf(table, one) !== id);
  } else if (kind === "added") {
    settings[table] = [...(settings[table] ?? []), copyOf(is)];
  } else {
    const holder = id === null ? (settings[table] ??= {}) : rowOf(settings, table, id);
    // The row is gone in this state: it comes back as it was changed.
    if (!holder) return void (settings[table] = [...(settings[table] ?? []), copyOf(row)]);
    if (is === undefined) delete holder[field];
    else holder[field] = copyOf(is);
  }
}

// The opposite of a difference.
export function reversed({ kind, was, is, ...rest }) {
  return { ...rest, kind: { added: "removed", removed: "added" }[kind] ?? kind, was: is, is: was };
}

// What somebody made of `base`, put onto what somebody else made of it meanwhile. Where both touched the same key, the
// other one's stands, and the doubt {mine, theirs} is told.
export function merged(base, mine, theirs) {
  const settings = copyOf(theirs), doubts = [];
  const others = differences(base, theirs);
  for (const change of differences(base, mine)) {
    const other = others.find((one) => touchSame(change, one));
    if (!other) apply(settings, change);
    else if (other.kind !== change.kind || !same(other.is, change.is)) doubts.push({ mine: change, theirs: other });
  }
  return { settings, doubts };
}

function touchSame(one, other) {
  const rows = (one.kind === "removed" || other.kind === "removed") && one.kind !== "order" && other.kind !== "order";
  return one.key === other.key || (rows && one.id !== null && one.table === other.table && one.id === other.id);
}

function fieldDifferences(table, id, before, after) {
  const [were, are] = id === null ? [before[table] ?? {}, after[table] ?? {}] : [before, after];
  const fields = [...new Set([...Object.keys(were), ...Object.keys(are)])].filter((field) => !same(were[field], are[field]));
  return fields.map((field) => ({
    key: id === null ? `${table}.${field}` : `${table}[${id}].${field}`,
    table, id, field, kind: "changed", was: were[field], is: are[field], row: are,
  }));
}

function orderDifference(table, were, are) {
  const was = were.filter((id) => are.includes(id)), is = are.filter((id) => were.includes(id));
  return same(was, is) ? [] : [{ key: table, table, id: null, kind: "order", was: were, is: are }];
}

// A day may be written twice by mistake: the second one has a name of its own then.
function rowsById(settings, table) {
  const rows = new Map();
  for (const row of settings[table] ?? []) {
    let id = String(idOf(table, row) ?? "");
    while (rows.has(id)) id += "+";
    rows.set(id, row);
  }
  return rows;
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== "object") return String(JSON.stringify(value));
  return `{${Object.keys(value).sort().map((key) => `${key}:${canonical(value[key])}`).join()}}`;
}
