/** A 32-bit checksum over whole 32-bit words; `seed` lets one checksum cover several stretches. */
export function checksumWords(words: Int32Array, from: number, to: number, seed: number): number {
  // Two lanes, so that one multiplication need not wait for the other.
  let even = seed | 0;
  let odd = 0x2545f491;
  let at = from;
  for (; at + 1 < to; at += 2) {
    even = Math.imul(even ^ words[at]!, 0x9e3779b1);
    odd = Math.imul(odd ^ words[at + 1]!, 0x85ebca6b);
    even ^= even >>> 15;
    odd ^= odd >>> 13;
  }
  if (at < to) even = Math.imul(even ^ words[at]!, 0x9e3779b1);
  return Math.imul(even ^ (even >>> 16) ^ (to - from), 0xc2b2ae35) ^ odd;
}
