/** The candidate most like a mistyped name, or nothing when none is near enough to be meant. */
export function nearestName(text: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(text);
  let nearest: string | undefined;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = distanceOf(wanted, plain(candidate));
    if (distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  const lettersWrongMax = wanted.length <= 3 ? 1 : Math.max(2, Math.floor(wanted.length / 2.5));
  return nearestDistance <= lettersWrongMax ? nearest : undefined;
}

/** "Did you mean" when a candidate is near; otherwise what there is to choose from. */
export function suggestion(text: string, candidates: readonly string[], noun: string): string {
  const nearest = nearestName(text, candidates);
  if (nearest !== undefined) return `Did you mean "${nearest}"?`;
  if (candidates.length === 0) return `There is no ${noun} to choose from`;
  return `Use one of ${firstOf(candidates)}`;
}

/** As many names as people read in a line. */
export function firstOf(names: readonly string[]): string {
  return `${names.slice(0, 20).join(", ")}${names.length > 20 ? ", ..." : ""}`;
}

/** Case and the way of joining words are what people mix up most. */
function plain(text: string): string {
  return text.replace(/[-_\s]/g, "").toLowerCase();
}

/** A word that was only begun is nearer than one with a wrong letter. */
function distanceOf(wanted: string, candidate: string): number {
  const isBegun = wanted.length > 2 && candidate.startsWith(wanted) && candidate !== wanted;
  return isBegun ? 0.5 : editDistance(wanted, candidate);
}

/** Fewest letters to insert, delete, replace or swap with a neighbour. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      let best = Math.min(replaced, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
