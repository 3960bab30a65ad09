/** Times as exports write them. Everything without a zone is read as UTC. */

const isoLike =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?(?:\s+UTC)?(?:\s+m=[+-][\d.]+)?$/i;
const clockLike = /^(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?$/;

/**
 * Milliseconds since 1970 (fractional), or NaN: ISO 8601, `2026/03/02 14:30:00`, Go's form with a monotonic tail,
 * `h:mm:ss` (since midnight), or a Unix stamp in s, ms, us or ns, told apart by size.
 */
export function parseTime(text: string): number {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?(e\d+)?$/i.test(trimmed)) return stampMs(Number(trimmed));
  const iso = isoLike.exec(trimmed);
  if (iso !== null) return isoMs(iso);
  const clock = clockLike.exec(trimmed);
  if (clock === null) return Number.NaN;
  const [, hour, minute, second, fraction] = clock;
  return (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000 + fractionMs(fraction);
}

function isoMs([
  ,
  year,
  month,
  day,
  hour,
  minute,
  second,
  fraction,
  zone,
]: RegExpExecArray): number {
  const [y, m, d, h, min, s] = [year, month, day, hour, minute, second].map((part) =>
    Number(part ?? 0),
  ) as [number, number, number, number, number, number];
  const at = Date.UTC(y, m - 1, d, h, min, s);
  const whole = new Date(at);
  const isReal = whole.getUTCMonth() === m - 1 && whole.getUTCDate() === d && h < 24 && min < 60;
  return isReal ? at + fractionMs(fraction) - zoneMs(zone) : Number.NaN;
}

function fractionMs(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(`0.${digits}`) * 1000;
}

function zoneMs(zone: string | undefined): number {
  const found = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? "");
  if (found === null) return 0;
  const [, sign, hours, minutes] = found;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** Stamps between 1990 and 2100 in any of the four units; other numbers are no stamps. */
function stampMs(stamp: number): number {
  for (const perMs of [0.001, 1, 1e3, 1e6]) {
    const ms = stamp / perMs;
    if (ms > 631e9 && ms < 4102e9) return ms;
  }
  return Number.NaN;
}

/** ISO 8601 in UTC to the millisecond. */
export function isoTime(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}

/** A length of time as people say it: `90 s`, `5 min`, `2 h`. */
export function durationText(seconds: number): string {
  const plain = (value: number) => String(Number(value.toPrecision(3)));
  if (seconds >= 172_800) return `${plain(seconds / 86_400)} days`;
  if (seconds >= 7200) return `${plain(seconds / 3600)} h`;
  if (seconds >= 120) return `${plain(seconds / 60)} min`;
  return `${plain(seconds)} s`;
}
