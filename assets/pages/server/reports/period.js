// The periods that people name, as business days; a day is written 2026-11-22, and counted in UTC so that none is lost.

const DAY_MS = 86_400_000;

const ms = (day) => Date.parse(`${day}T00:00:00Z`);
const written = (time) => new Date(time).toISOString().slice(0, 10);
const firstOfMonth = (day, months) => {
  const at = new Date(ms(day));
  return written(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1));
};
const weekStart = (day) => plus(day, -new Date(ms(day)).getUTCDay()); // Sunday

export const plus = (day, days) => written(ms(day) + days * DAY_MS);

// First and last day of a named period, as it is on the business day `today`.
export const PERIODS = {
  today: (today) => [today, today],
  yesterday: (today) => [plus(today, -1), plus(today, -1)],
  week: (today) => [weekStart(today), today],
  last_week: (today) => [plus(weekStart(today), -7), plus(weekStart(today), -1)],
  month: (today) => [firstOfMonth(today, 0), today],
  last_month: (today) => [firstOfMonth(today, -1), plus(firstOfMonth(today, 0), -1)],
  year: (today) => [firstOfMonth(today, -12), plus(firstOfMonth(today, 0), -1)],
};

// The name of a period, if it has one.
export const nameOf = (today, first, last) =>
  Object.keys(PERIODS).find((name) => PERIODS[name](today).join() === [first, last].join()) ?? "other";
