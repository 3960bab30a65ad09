/** What one seed has shown so far: loads in requests a second. */
export interface LoadBracket {
  /** Highest load that held below every one that failed; 0 when none has. */
  readonly held: number;
  /** Lowest load that failed; `undefined` when none has. */
  readonly failed: number | undefined;
}

export interface LoadSearchOptions {
  readonly startPerSecond: number;
  /** The search does not go beyond this. */
  readonly maxPerSecond: number;
  /** The bracket is narrow enough when `failed` exceeds `held` by at most this share. */
  readonly tolerance: number;
}

/** Loads below this are given up as nothing. */
const leastPerSecond = 1;

/** The load to try next, or `undefined` when the bracket is narrow enough, or a bound of the search is reached. */
function nextLoad(bracket: LoadBracket, options: LoadSearchOptions): number | undefined {
  const { held, failed } = bracket;
  const { startPerSecond, maxPerSecond, tolerance } = options;
  if (failed === undefined) {
    if (held >= maxPerSecond) return undefined;
    return held === 0 ? Math.min(startPerSecond, maxPerSecond) : Math.min(held * 2, maxPerSecond);
  }
  if (held === 0) return failed <= leastPerSecond ? undefined : rounded(failed / 2);
  if (failed <= held * (1 + tolerance)) return undefined;
  // The geometric middle halves the ratio, which is what the tolerance bounds.
  const middle = rounded(Math.sqrt(held * failed));
  return middle > held && middle < failed ? middle : undefined;
}

/**
 * The load to run next, or `undefined` when no run is missing. `known` is what runs have shown: what holds at a load holds
 * below it, what fails there fails above. A platform much like this one lends its bracket as `hint`, whose ends are run
 * first; the bracket is the same as without it, from fewer runs.
 */
export function nextRun(
  known: LoadBracket,
  options: LoadSearchOptions,
  hint?: LoadBracket,
): number | undefined {
  for (const load of [hint?.held, hint?.failed]) {
    const isInside = load !== undefined && load > 0 && load <= options.maxPerSecond;
    if (isInside && implied(known, load) === undefined) return load;
  }
  return follow(known, options).missing;
}

/** The bracket that the search comes to by what is known. */
export function bracketFrom(known: LoadBracket, options: LoadSearchOptions): LoadBracket {
  return follow(known, options).bracket;
}

function follow(known: LoadBracket, options: LoadSearchOptions) {
  let bracket: LoadBracket = { held: 0, failed: undefined };
  for (;;) {
    const load = nextLoad(bracket, options);
    const hasHeld = load === undefined ? undefined : implied(known, load);
    if (load === undefined || hasHeld === undefined) return { bracket, missing: load };
    bracket = bracketAfter(bracket, load, hasHeld);
  }
}

function implied({ held, failed }: LoadBracket, load: number): boolean | undefined {
  if (failed !== undefined && load >= failed) return false;
  return load <= held ? true : undefined;
}

/** The bracket after one more run. A load that failed below one that held is the stricter: overload is not always plain. */
export function bracketAfter(bracket: LoadBracket, load: number, hasHeld: boolean): LoadBracket {
  if (hasHeld) return { ...bracket, held: Math.max(bracket.held, load) };
  return { ...bracket, failed: Math.min(bracket.failed ?? Number.POSITIVE_INFINITY, load) };
}

/** Three significant digits, and whole numbers from a hundred on: loads that can be read and typed. */
function rounded(load: number): number {
  let unit = 1;
  while (load / unit >= 1000) unit *= 10;
  while (load / unit < 100) unit /= 10;
  return Number((Math.round(load / unit) * unit).toFixed(3));
}
