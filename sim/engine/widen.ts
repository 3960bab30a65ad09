/** A copy with room for `capacity` values; the new ones are 0. */
export function widenBytes(old: Uint8Array, capacity: number): Uint8Array<ArrayBuffer> {
  const wide = new Uint8Array(capacity);
  wide.set(old);
  return wide;
}

/** A copy with room for `capacity` values; the new ones are 0. */
export function widenInts(old: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(capacity);
  wide.set(old);
  return wide;
}

/** A copy with room for `capacity` values; the new ones are 0. */
export function widenFloats(old: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const wide = new Float64Array(capacity);
  wide.set(old);
  return wide;
}
