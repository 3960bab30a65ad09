/** A second header row that says the units: `ms`, `%`, `req/s`. */

const unitWord =
  /^[([]?(ns|us|µs|ms|s|secs?|seconds?|min|minutes?|h|hours?|%|percent|share|bytes?|[kmgt]i?b|count|counts|requests?|(1|req|requests|ops|tx|bytes|[kmg]i?b)\/(s|sec|min)|1\/s|rps|tps|qps|rpm|utc|iso ?8601)[)\]]?$/i;

/** Whether every cell names a unit or none, and one does. */
export function isUnitRow(cells: readonly string[], width: number): boolean {
  const words = cells.slice(0, width).map((cell) => cell.trim());
  return (
    cells.length >= width &&
    words.every((word) => word === "" || word === "-" || unitWord.test(word)) &&
    words.some((word) => unitWord.test(word))
  );
}

/** Names with their units in brackets, as columns that say their unit have them. */
export function withUnits(names: readonly string[], units: readonly string[]): readonly string[] {
  return names.map((name, i) => {
    const unit = (units[i] ?? "").replaceAll(/[()[\]]/g, "").trim();
    return unit === "" || unit === "-" ? name : `${name} (${unit})`;
  });
}
