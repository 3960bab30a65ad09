/** Four 32-bit words that depend on every character of a seed and a name: where a stream begins. */
export function seedHash(seed: string, name: string): Int32Array {
  const words = Int32Array.of(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344);
  // The length first, so that ("a", "bc") and ("ab", "c") differ.
  absorb(words, seed.length);
  for (let i = 0; i < seed.length; i += 1) absorb(words, seed.charCodeAt(i));
  for (let i = 0; i < name.length; i += 1) absorb(words, name.charCodeAt(i));
  for (let i = 0; i < 8; i += 1) absorb(words, 0x9e3779b9);
  return words;
}

/** One step of a mixing that can be undone, so two different states never become one. */
function absorb(words: Int32Array, value: number): void {
  let a = words[0]! ^ value;
  let b = words[1]!;
  let c = words[2]!;
  let d = words[3]!;
  a = Math.imul(a ^ (a >>> 16), 0x7feb352d);
  b = (b + a) | 0;
  b = Math.imul(b ^ (b >>> 15), 0x846ca68b);
  c = (c ^ b) | 0;
  c = Math.imul(c ^ (c >>> 13), 0x31848bab);
  d = (d + c) | 0;
  d = Math.imul(d ^ (d >>> 14), 0x2c1b3c6d);
  words[0] = b;
  words[1] = c;
  words[2] = d;
  words[3] = a ^ (d >>> 11);
}
