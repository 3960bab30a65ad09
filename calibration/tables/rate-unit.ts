/** Rates by their unit: `requests_per_second`, `Requests (1/min)`, `rps`, CloudWatch's `Count/Second`. */

const perTime =
  /(?:\/|(?:^|[^a-z])per[ _-]*)(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)(?![a-z])/;
const shortName = /(?:^|[^a-z])(?:[rqt]|req)p(s|m|h)(?![a-z])/;
/** What recording rules are called that keep `rate(...[5m])`: always a second. */
const recordedRate = /:i?rate\d*[smhd]?(?::|$)/;

/**
 * Events a second that one unit of a rate stands for, by the name or unit of its series; undefined for a count, and for
 * what does not say.
 */
export function eventsPerSecondOf(name: string): number | undefined {
  const text = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .trim();
  if (recordedRate.test(text)) return 1;
  const unit = (perTime.exec(text) ?? shortName.exec(text))?.[1];
  if (unit === undefined) return undefined;
  return unit.startsWith("s") ? 1 : unit.startsWith("m") ? 1 / 60 : 1 / 3600;
}
