// Forms, made from what the server tells about each field. A form writes into its row of the draft at each change; what
// is left out of the file is left out of the row, so that nothing is changed that nobody has touched.

import { told } from "../../shared/told.js";
import { number, of, say } from "../../shared/words.js";
import { button, joined, latinDigits, make, newId, signButton } from "./elements.js";
import { hoursEditor, timeInput } from "./hours.js";
import { same } from "./keys.js";

// A form for some fields of a row: `about` is {page, table, row, key}, with the key under which mistakes are told.
export function form(about, fields) {
  return make("div", { class: "form" }, fields.map((field) => (KINDS[field.kind] ?? oneLine)(new Place(about, field))));
}

// Where a field's value lies: reads it, writes it, and names what belongs to it.
class Place {
  constructor({ page, table, row, key }, field) {
    Object.assign(this, { page, table, row, field, key: `${key}.${field.key}`, wasThere: field.key in row });
    this.word = `admin.field.${table}.${field.key}`;
    this.id = newId(field.key);
  }

  get value() { return this.row[this.field.key] ?? this.field.default; }

  set(value) {
    const { row, field, wasThere } = this;
    const empty = value === undefined || value === null || value === "";
    if ((empty && !field.required) || (!wasThere && same(value, field.default))) delete row[field.key];
    else row[field.key] = empty ? "" : value;
    this.page.edited();
  }

  get described() { return { "aria-describedby": `${this.id}-hint ${this.id}-mistake`, "data-key": this.key }; }
}

// ---- what is around a field ----

const hint = (place) => make("p", { class: "hint", id: `${place.id}-hint` }, say(`${place.word}_hint`));
const mistake = (place) => make("p", { class: "mistake", id: `${place.id}-mistake`, hidden: true });
const label = (place) => [say(place.word), place.field.required || place.field.default !== null ? null : make("small", {}, ` ${say("admin.optional")}`)];

function single(place, control) {
  control.id = place.id;
  return make("div", { class: `field is-${place.field.kind}` },
    make("label", { for: place.id }, label(place)), hint(place), control, mistake(place));
}

function group(place, ...inside) {
  return make("fieldset", { class: `field is-${place.field.kind}`, "aria-describedby": `${place.id}-hint` },
    make("legend", {}, label(place)), hint(place), inside, mistake(place));
}

// ---- one field of each kind ----

function oneLine(place) {
  const input = ({ target }) => place.set(target.value.trim());
  return single(place, make("input", {
    ...place.described, value: place.value ?? "", input, autocomplete: "off", spellcheck: "false",
    ...(place.field.kind === "text" ? { dir: "auto" } : { dir: "ltr" }),
  }));
}

// A name for machines: whoever refers to it is told, and so it is taken when it is whole.
function machineName(place) {
  const change = ({ target }) => {
    place.page.draft.rename(place.table, place.row, target.value.trim());
    place.page.draft.namedByHand(place.row);
    place.page.edited();
    place.page.retitle();
  };
  return single(place, make("input", {
    ...place.described, value: place.value ?? "", change, autocomplete: "off", spellcheck: "false", dir: "ltr",
  }));
}

// Typed with any digits: what is no number stays as it was typed, and the server says so.
function whole(place) {
  const input = ({ target }) => {
    const latin = latinDigits(target.value.trim());
    place.set(/^-?\d+$/.test(latin) ? Number(latin) : latin);
  };
  return single(place, make("input", {
    ...place.described, value: place.value ?? "", input, inputmode: "numeric", autocomplete: "off", dir: "ltr", size: 6,
  }));
}

function time(place) {
  const control = timeInput(place.value ?? "", () => place.set(control.value), place.described);
  return single(place, control);
}

function day(place) {
  const input = ({ target }) => {
    place.set(target.value);
    place.page.retitle();
  };
  return single(place, make("input", { ...place.described, type: "date", value: place.value ?? "", input }));
}

function yesOrNo(place) {
  const change = ({ target }) => place.set(target.checked);
  return make("div", { class: "field is-bool" },
    make("label", { class: "switch" }, make("input", { ...place.described, type: "checkbox", checked: place.value, change }),
      say(place.word)),
    hint(place), mistake(place));
}

function select(place, options, attributes = {}) {
  const unknown = place.value === undefined || !options.some(([value]) => value === place.value);
  const change = ({ target }) => { place.set(target.value); place.page.retitle(); };
  return make("select", { ...place.described, change, ...attributes },
    unknown ? make("option", { value: place.value ?? "", selected: true }, place.value || say("admin.choose")) : null,
    options.map(([value, text]) => make("option", { value, selected: value === place.value }, text)));
}

const named = (place, table) => place.page.draft.rows(table).map((row) => [row.id, place.page.name(table, row)]);

function choice(place) {
  return single(place, select(place, place.field.choices.map((one) => [one, say(`admin.choice.${one}`)])));
}

function letter(place) {
  const taken = new Set(place.page.draft.rows(place.table).filter((one) => one !== place.row).map((one) => one.letter));
  return single(place, select(place, told.letters.filter((one) => !taken.has(one)).map((one) => [one, one])));
}

// Which of several, the first of them first: the visitors' languages, the lines of a counter.
function several(place, options, first) {
  const chosen = () => (place.value ?? []).filter((one) => options.some(([value]) => value === one));
  const boxes = make("div", { class: "boxes" });
  const main = make("select", { id: `${place.id}-main`, change: ({ target }) => choose([target.value]) });
  const choose = (begin) => {
    const checked = [...boxes.querySelectorAll("input:checked")].map(({ value }) => value);
    place.set([...new Set([...begin, ...chosen(), ...checked])].filter((one) => checked.includes(one)));
    show();
    place.page.retitle();
  };
  boxes.append(...options.map(([value, text]) => make("label", { class: "switch" },
    make("input", { type: "checkbox", value, checked: chosen().includes(value), change: () => choose([]) }), text)));
  const show = () => main.replaceChildren(...chosen().map((one) => make("option", { value: one }, options.find(([value]) => value === one)[1])));
  show();
  const parts = group(place, boxes, make("div", { class: "main-one" }, make("label", { for: main.id }, say(first)), main));
  boxes.querySelector("input")?.setAttribute("aria-describedby", `${place.id}-mistake`);
  boxes.querySelector("input")?.setAttribute("data-key", place.key);
  return parts;
}

const languages = (place) => several(place, place.field.choices.map((one) => [one, say(`admin.choice.${one}`)]), "admin.first_language");
const lines = (place) => several(place, named(place, "line"), "admin.main_line");

// A text in each of the centre's languages. What is emptied is taken out.
function textInputs(place, texts, key, write, heard = "") {
  return place.page.languages().map((code) => {
    const id = newId("text");
    const input = ({ target }) => {
      const { [code]: _, ...others } = texts();
      const text = target.value.trim();
      write(text ? { ...others, [code]: text } : others);
      place.page.retitle();
    };
    const change = () => { if (code === "en" && place.field.key === "name") place.page.named(place.table, place.row); };
    const text = make("input", {
      id, lang: code, dir: told.directions[code], value: texts()[code] ?? "", input, change, autocomplete: "off",
      "aria-describedby": `${place.id}-hint ${place.id}-mistake`, "data-key": `${key}.${code}`,
    });
    return make("div", { class: "text" },
      make("label", { for: id }, heard ? make("span", { class: "heard" }, heard) : null, say(`admin.in.${code}`)), text);
  });
}

function texts(place) {
  const write = (value) => place.set(Object.keys(value).length || place.field.required ? value : undefined);
  return group(place, make("div", { class: "texts" }, textInputs(place, () => place.value ?? {}, place.key, write)));
}

function textsList(place) {
  const list = make("ol", { class: "texts-list" });
  const all = () => place.value ?? [];
  const put = (value) => {
    place.set(value);
    show();
  };
  const item = (one, at) => {
    const heard = say("admin.entry", { n: at + 1 });
    const write = (value) => place.set(all().map((old, n) => (n === at ? value : old)));
    const remove = () => {
      put(all().filter((_, n) => n !== at));
      (list.children[Math.min(at, list.children.length - 1)]?.querySelector("input") ?? add).focus();
    };
    return make("li", {},
      make("div", { class: "texts" }, textInputs(place, () => all()[at] ?? {}, `${place.key}[${at + 1}]`, write, `${heard} `)),
      signButton("✕", say("admin.remove_entry", { n: at + 1 }), remove));
  };
  const show = () => list.replaceChildren(...all().map(item));
  const add = button(say(`${place.word}_add`), () => {
    put([...all(), {}]);
    list.lastChild.querySelector("input").focus();
  }, { "data-key": place.key });
  show();
  return group(place, list, add);
}

// Hours of its own, instead of the centre's.
function hours(place) {
  const inside = make("div");
  const show = () => inside.replaceChildren(...(place.row[place.field.key]
    ? [hoursEditor(place.row[place.field.key], place.key, () => place.page.edited())] : []));
  const change = ({ target }) => {
    place.set(target.checked ? JSON.parse(JSON.stringify(place.page.draft.settings.hours)) : undefined);
    show();
  };
  show();
  return make("div", { class: "field is-hours" },
    make("label", { class: "switch" },
      make("input", { ...place.described, type: "checkbox", checked: Boolean(place.row[place.field.key]), change }), say(place.word)),
    hint(place), inside, mistake(place));
}

const KINDS = {
  id: machineName, int: whole, bool: yesOrNo, choice, choices: languages, time, date: day, letter, lines, texts,
  texts_list: textsList, hours,
  line: (place) => single(place, select(place, named(place, "line"))),
  category: (place) => single(place, select(place, named(place, "category"))),
};

// A stretch of hours is read from left to right in every language.
const isolated = (span) => `\u2066${number(span)}\u2069`;

// A value of a field as a person reads it.
export function shown(field, value, names) {
  if (value === undefined || value === null || value === "") return say("admin.nothing");
  switch (field?.kind) {
    case "bool": return say(value ? "admin.yes" : "admin.no");
    case "texts": return of(value) || say("admin.nothing");
    case "texts_list": return value.length ? joined(value.map((one) => of(one))) : say("admin.nothing");
    case "choice": return say(`admin.choice.${value}`);
    case "choices": return joined(value.map((one) => say(`admin.choice.${one}`)));
    case "line": case "category": return names(field.kind, value);
    case "lines": return joined(value.map((one) => names("line", one)));
    case "spans": return value.length ? joined(value.map(isolated)) : say("admin.closed");
    case "hours": return say("admin.own_hours");
    default: return number(value);
  }
}
