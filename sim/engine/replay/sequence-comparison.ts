/** How two sequences that should be the same line up. */
export interface SequenceComparison {
  /** Items of the expected sequence up to where the found one ends. */
  readonly compared: number;
  /** Of them, found in order. */
  readonly matched: number;
  /** Where both left the common path. */
  readonly gaps: readonly { readonly expectedAt: number; readonly foundAt: number }[];
}

/** How far apart two sequences may run before they are taken to have parted for good. */
const windowMax = 400;

/**
 * Walks two sequences together. After a difference it looks for the nearest place where both agree twice in a row, and
 * counts inside the gap what is common in order; so a few odd items cost no more than themselves.
 */
export function compareSequences(
  expected: readonly string[],
  found: readonly string[],
): SequenceComparison {
  const gaps: { expectedAt: number; foundAt: number }[] = [];
  let at = 0;
  let foundAt = 0;
  let matched = 0;
  while (at < expected.length && foundAt < found.length) {
    if (expected[at] === found[foundAt]) {
      matched++;
      at++;
      foundAt++;
      continue;
    }
    gaps.push({ expectedAt: at, foundAt });
    const step = nextAgreement(expected, found, at, foundAt);
    if (step === undefined) {
      at += Math.min(found.length - foundAt, expected.length - at);
      break;
    }
    matched += commonCount(
      expected.slice(at, at + step.expectedSkip),
      found.slice(foundAt, foundAt + step.foundSkip),
    );
    at += step.expectedSkip;
    foundAt += step.foundSkip;
  }
  return { compared: at, matched, gaps };
}

function nextAgreement(
  expected: readonly string[],
  found: readonly string[],
  at: number,
  foundAt: number,
): { expectedSkip: number; foundSkip: number } | undefined {
  for (let distance = 1; distance <= windowMax; distance++) {
    for (let foundSkip = 0; foundSkip <= distance; foundSkip++) {
      const expectedSkip = distance - foundSkip;
      const first = expected[at + expectedSkip];
      const isOnce = first !== undefined && first === found[foundAt + foundSkip];
      if (!isOnce) continue;
      const second = expected[at + expectedSkip + 1];
      const foundSecond = found[foundAt + foundSkip + 1];
      if (foundSecond === undefined || second === foundSecond) return { expectedSkip, foundSkip };
    }
  }
  return undefined;
}

/** Length of the longest common subsequence. */
function commonCount(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const item of a) {
    const next = [0];
    for (let j = 0; j < b.length; j++) {
      next.push(item === b[j] ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!));
    }
    row = next;
  }
  return row[b.length]!;
}
