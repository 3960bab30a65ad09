/** Simulated time for people. */

/** Minutes, seconds and tenths: `12:04.5`; an hour and more has hours in front. */
export function clock(us: number): string {
  const sign = us < 0 ? "-" : "";
  const tenths = Math.round(Math.abs(us) / 100_000);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor(tenths / 600) % 60;
  const seconds = `${twoDigits(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  const hoursText = hours > 0 ? `${twoDigits(hours)}:` : "";
  return `${sign}${hoursText}${twoDigits(minutes)}:${seconds}`;
}

/** As `clock`, with a sign that is always there. */
export function clockFrom(us: number, originUs: number): string {
  const passedUs = us - originUs;
  return passedUs < 0 ? clock(passedUs) : `+${clock(passedUs)}`;
}

/** A length of time: `82.0 s`. */
export function secondsText(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

/** Whole numbers in groups of three, the same on every machine. */
export function grouped(value: number): string {
  const [whole = "", fraction] = String(value).split(".");
  const text = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? text : `${text}.${fraction}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
