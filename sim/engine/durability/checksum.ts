/** A 32-bit checksum over whole 32-bit words; `seed` lets one checksum cover several stretches. */
export function checksumWords(words: Int32Array, from: number, to: number, seed: number): number {
  let sum = seed | 0;
  for (let at = from; at < to; at++) {
    sum = Math.imul(sum ^ words[at]!, 0x9e3779b1);
    sum ^= sum >>> 15;
  }
  return Math.imul(sum ^ (to - from), 0x85ebca6b);
}
