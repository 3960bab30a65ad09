/**
 * The fewest of some numbers whose removal leaves the rest in the same sequence on both sides; both hold the same numbers,
 * each once. What stands later on one side because it came back late counts, and what it let pass does not.
 */
export function outOfLine(wanted: readonly number[], found: readonly number[]): readonly number[] {
  const placeOf = new Map(wanted.map((item, at) => [item, at]));
  // The longest rising run of places, by the last item of the best run of each length.
  const lastOfLength: number[] = [];
  const before = new Map<number, number | undefined>();
  for (const item of found) {
    const place = placeOf.get(item)!;
    let length = 0;
    let bound = lastOfLength.length;
    while (length < bound) {
      const middle = (length + bound) >> 1;
      if (placeOf.get(lastOfLength[middle]!)! < place) length = middle + 1;
      else bound = middle;
    }
    before.set(item, lastOfLength[length - 1]);
    lastOfLength[length] = item;
  }
  const inLine = new Set<number>();
  for (let at = lastOfLength.at(-1); at !== undefined; at = before.get(at)) inLine.add(at);
  return found.filter((item) => !inLine.has(item));
}
