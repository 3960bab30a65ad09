/** Levels that stand for states: `0 pre-open, 1 auction` or `0 none .. 6 running` where others have a unit. */

/** The word for a value, or undefined when the unit is an ordinary one. */
export function wordsOfUnit(unit: string): ((value: number) => string) | undefined {
  if (unit === "yes/no") return (value) => (value > 0 ? "yes" : "no");
  const [, first, low, high, last] = /^(\d+) (.+) \.\. (\d+) (.+)$/.exec(unit) ?? [];
  if (low !== undefined && last !== undefined) {
    return (value) =>
      value === Number(first) ? low : value === Number(high) ? last : `${value} of ${high}`;
  }
  const states = unit.split(", ").map((state) => /^(\d+) (.+)$/.exec(state));
  if (states.length < 2 || states.includes(null)) return undefined;
  const words = new Map(states.map((state) => [Number(state?.[1]), state?.[2] ?? ""]));
  return (value) => words.get(value) ?? String(value);
}
