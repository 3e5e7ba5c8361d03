// How large what stands on a screen: numbers are as large as the farthest seat needs, and for a far seat first the
// names of the lines give way, then calls. Pure: pixels, inches and metres in, sizes in pixels out.

// EN 301 549, 5.1.4: a capital H of at least 0.7° for the reader: 12.2 mm for each metre to the farthest seat.
const CAPITAL_MM_PER_METRE = 12.2;
const MM_PER_INCH = 25.4;

// Lengths for a screen whose short side has 1080 pixels.
const HEADER = 132, TALL_HEADER = 190, FOOTER = 84, STRIP = 76, MARGIN = 40, GAP = 20;
const PANEL_SHARE = 0.29;
// In heights of a row's capitals: a number is a letter and digits, a counter has two digits.
const ROW_HEIGHT = 1.5, LETTER = 1.3, DIGIT = 0.84, ARROW = 0.8, AIR = 1.3;
const LATEST_LARGER = 1.2, LATEST_HEIGHT = 2.1;
// Share of the short side beyond which rows only look crowded.
const COMFORTABLE = 0.078;

// The sizes for a screen of `width` × `height` pixels, whose longest number has `length` characters. `inches` and
// `metres` are the screen's diagonal and the farthest seat's distance; without them, all calls are shown.
export function plan({ width, height, length, inches, metres }) {
  const frame = framed(width, height, length);
  const required = inches && metres ? (CAPITAL_MM_PER_METRE * metres * Math.hypot(width, height)) / (inches * MM_PER_INCH) : 0;
  const all = choices().map((choice) => ({ ...choice, largest: largestCapital(frame, choice) }));
  const fitting = all.filter((one) => one.largest >= Math.ceil(required));
  const worth = fitting[0] ?? all.reduce((best, one) => (one.largest > best.largest ? one : best));
  const choice = all
    .filter((one) => one.calls === worth.calls && one.named === worth.named)
    .reduce((best, one) => (Math.min(one.largest, frame.comfortable) > Math.min(best.largest, frame.comfortable) ? one : best));
  const capital = Math.min(Math.max(Math.ceil(required), frame.comfortable), choice.largest);
  return { ...choice, ...places(frame, choice, capital), capital, required, unit: frame.unit, tall: frame.tall };
}

// Every arrangement, the best first.
function choices() {
  const all = [];
  for (const calls of [6, 5, 4, 3, 2]) {
    for (const named of calls <= 4 ? [true, false] : [true]) {
      for (const columns of [2, 1]) all.push({ calls, named, columns });
    }
  }
  return all;
}

// What does not depend on the arrangement.
function framed(width, height, length) {
  const unit = Math.min(width, height) / 1080, tall = height > width;
  const header = Math.round((tall ? TALL_HEADER : HEADER) * unit);
  return {
    unit, tall, gap: Math.round(GAP * unit), header,
    comfortable: Math.round(COMFORTABLE * Math.min(width, height)),
    row: LETTER + DIGIT * (length - 1) + ARROW + 2 * DIGIT + AIR,
    middle: {
      width: width - 2 * Math.round(MARGIN * unit),
      height: height - header - Math.round(FOOTER * unit) - 2 * Math.round(GAP * unit),
    },
  };
}

// The room for the calls, and the panel's size beside or under it.
function shares({ unit, tall, gap, middle }, { named }) {
  if (named && !tall) {
    const panel = Math.round(middle.width * PANEL_SHARE);
    return { main: { width: middle.width - panel - gap, height: middle.height }, panel };
  }
  const panel = named ? Math.round(middle.height * PANEL_SHARE) : Math.round(STRIP * unit);
  return { main: { width: middle.width, height: middle.height - panel - gap }, panel };
}

function largestCapital(frame, choice) {
  const { main } = shares(frame, choice), lines = Math.ceil(choice.calls / choice.columns);
  const column = (main.width - frame.gap * (choice.columns - 1)) / choice.columns;
  return Math.floor(Math.min(
    column / frame.row,
    main.width / (frame.row * LATEST_LARGER),
    (main.height - frame.gap * lines) / (LATEST_LARGER * LATEST_HEIGHT + ROW_HEIGHT * lines),
  ));
}

function places(frame, choice, capital) {
  const { main, panel } = shares(frame, choice), lines = Math.ceil(choice.calls / choice.columns);
  const rows = Math.floor(capital * ROW_HEIGHT) * lines + frame.gap * (lines - 1);
  // What the width keeps the latest call from using is the rows' air.
  const latest = Math.min(main.height - rows - frame.gap, Math.round((main.width / frame.row) * LATEST_HEIGHT * 1.2));
  return {
    header: frame.header, panel, lines, latest,
    latestCapital: Math.floor(Math.min(latest / LATEST_HEIGHT, main.width / frame.row)),
    panelHeight: frame.tall || !choice.named ? panel : frame.middle.height,
  };
}
