/** Times as exports write them. Everything without a zone is read as UTC. */

const isoLike =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?(?:\s+UTC)?(?:\s+m=[+-][\d.]+)?$/i;
const clockLike = /^(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?$/;

/** Forms whose parts are named, as logs and spreadsheets write them; a month may be a word. */
const otherForms: readonly RegExp[] = [
  // 20260302T143000Z
  /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})T(?<hour>\d{2})(?<minute>\d{2})(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?(?<zone>Z|[+-]\d{2}:?\d{2})?$/,
  // 2.3.2026 14:30:00: with dots the day always stands first
  /^(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4})(?:,? (?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?)?$/,
  // [02/Mar/2026:14:30:00 +0000]
  /^\[?(?<day>\d{1,2})\/(?<month>[A-Z][a-z]{2})\/(?<year>\d{4}):(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?(?: (?<zone>[+-]\d{4}))?\]?$/,
  // Mon, 02 Mar 2026 14:30:00 GMT
  /^(?:[A-Z][a-z]{2},? )?(?<day>\d{1,2})[ -](?<month>[A-Z][a-z]{2})[ -](?<year>\d{4}) (?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}))?(?: (?<zone>GMT|UTC|Z|[+-]\d{4}))?$/,
  // Mon Mar  2 14:30:00 UTC 2026
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) (?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})(?: (?:UTC|GMT))? (?<year>\d{4})$/,
];

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** `3/2/2026`: which of the two is the month is not said. */
const ambiguousDate = /^\d{1,2}\/\d{1,2}\/(\d{4}|\d{2})(\D|$)/;

export function isAmbiguousDate(text: string): boolean {
  return ambiguousDate.test(text.trim());
}

/**
 * Milliseconds since 1970 (fractional), or NaN: ISO 8601 (also without marks), `2026/03/02 14:30:00`, `2.3.2026 14:30:00`,
 * Go's form with a monotonic tail, `02/Mar/2026:14:30:00 +0000`, RFC 1123 and what `date` prints, `h:mm:ss` (since midnight),
 * or a Unix stamp in s, ms, us or ns, told apart by size.
 */
export function parseTime(text: string): number {
  const trimmed = text.trim();
  if (/^\d+(\.\d*)?(e\+?\d+)?$/i.test(trimmed)) return stampMs(Number(trimmed));
  if (/^\d{9,},\d+$/.test(trimmed)) return stampMs(Number(trimmed.replace(",", ".")));
  const iso = isoLike.exec(trimmed);
  if (iso !== null) return isoMs(iso);
  const clock = clockLike.exec(trimmed);
  if (clock === null) return otherMs(trimmed);
  const [, hour, minute, second, fraction] = clock;
  return (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000 + fractionMs(fraction);
}

/** From the parts year, month, day, hour, minute, second, fraction and zone, after the whole. */
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

/** One of the other forms, put into the order of ISO 8601. */
function otherMs(text: string): number {
  for (const form of otherForms) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const { year, day, hour, minute, second, fraction, zone } = parts;
    const month = /^\d/.test(parts["month"]!)
      ? parts["month"]
      : String(months.indexOf(parts["month"]!.toLowerCase()) + 1);
    const ordered = [text, year, month, day, hour, minute, second, fraction, zone];
    return isoMs(ordered as unknown as RegExpExecArray);
  }
  return Number.NaN;
}

function fractionMs(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(`0.${digits}`) * 1000;
}

function zoneMs(zone: string | undefined): number {
  const found = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(zone ?? "");
  if (found === null) return 0;
  const [, sign, hours, minutes] = found;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0)) * 60_000;
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
