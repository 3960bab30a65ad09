import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/**
 * One channel of frames as bytes. Most channels hold whole numbers that rarely change (queue depths, tasks running,
 * counts), so these are kept as differences with runs; anything else as its bits, exactly, in planes of bytes of which
 * the upper ones hardly change.
 */
type Frames = Float32Array | Float64Array;

const method = { wholeNumbers: 1, words: 2 } as const;

/** Beyond this, a token of a difference would no longer be an exact number. */
const wholeNumberMax = 2 ** 49;

export function encodeChannel(out: ByteWriter, frames: Frames): void {
  if (frames.every(isSmallWholeNumber)) {
    out.byte(method.wholeNumbers);
    encodeWholeNumbers(out, frames);
  } else {
    out.byte(method.words);
    encodeWords(out, wordsOf(frames), frames.BYTES_PER_ELEMENT / 4);
  }
}

/** Fills `frames`, whose length and type say what to expect. */
export function decodeChannel(from: ByteReader, frames: Frames): void {
  const used = from.byte();
  if (used === method.wholeNumbers) decodeWholeNumbers(from, frames);
  else if (used === method.words) decodeWords(from, wordsOf(frames), frames.BYTES_PER_ELEMENT / 4);
  else throw new RangeError(`unknown method ${used}`);
}

function isSmallWholeNumber(value: number): boolean {
  // Minus zero is not zero when a recording promises the same bits.
  return Number.isInteger(value) && Math.abs(value) <= wholeNumberMax && !Object.is(value, -0);
}

/**
 * Tokens: an even one is twice the zigzag of the next difference; an odd one, 2n - 1, says that the previous
 * difference comes n more times. Both the channel and the difference begin at 0.
 */
function encodeWholeNumbers(out: ByteWriter, frames: Frames): void {
  let value = 0;
  let difference = 0;
  let repeated = 0;
  for (const next of frames) {
    if (next - value === difference) {
      repeated += 1;
    } else {
      if (repeated > 0) out.varint(2 * repeated - 1);
      repeated = 0;
      difference = next - value;
      out.varint(2 * (difference >= 0 ? 2 * difference : -2 * difference - 1));
    }
    value = next;
  }
  if (repeated > 0) out.varint(2 * repeated - 1);
}

function decodeWholeNumbers(from: ByteReader, frames: Frames): void {
  let value = 0;
  let difference = 0;
  let at = 0;
  while (at < frames.length) {
    const token = from.varint();
    let times = 1;
    if (token % 2 === 1) {
      times = (token + 1) / 2;
    } else {
      const zigzag = token / 2;
      difference = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    }
    if (at + times > frames.length) throw new RangeError(`${times} more frames than there are`);
    for (; times > 0; times -= 1) {
      value += difference;
      frames[at] = value;
      at += 1;
    }
  }
}

/** The same memory as 32-bit words: one a level, two a count. */
function wordsOf(frames: Frames): Uint32Array {
  return new Uint32Array(frames.buffer, frames.byteOffset, frames.byteLength / 4);
}

/** Planes of bytes (lowest first) of the words, each word as its difference in bits from the one before it. */
function encodeWords(out: ByteWriter, words: Uint32Array, stride: number): void {
  const plane = new Uint8Array(words.length / stride);
  for (let part = 0; part < stride * 4; part += 1) {
    const shift = (part % 4) * 8;
    let previous = 0;
    for (let at = 0; at < plane.length; at += 1) {
      const word = words[at * stride + (part >> 2)]!;
      plane[at] = ((word ^ previous) >>> shift) & 0xff;
      previous = word;
    }
    encodePlane(out, plane);
  }
}

function decodeWords(from: ByteReader, words: Uint32Array, stride: number): void {
  const plane = new Uint8Array(words.length / stride);
  words.fill(0);
  for (let part = 0; part < stride * 4; part += 1) {
    decodePlane(from, plane);
    const shift = (part % 4) * 8;
    let previous = 0;
    for (let at = 0; at < plane.length; at += 1) {
      previous ^= plane[at]!;
      words[at * stride + (part >> 2)]! |= previous << shift;
    }
  }
}

/** A count of zeros, a count of other bytes, those bytes, and so on until the plane is full. */
function encodePlane(out: ByteWriter, plane: Uint8Array): void {
  let at = 0;
  while (at < plane.length) {
    const zerosFrom = at;
    while (at < plane.length && plane[at] === 0) at += 1;
    const othersFrom = at;
    while (at < plane.length && !(plane[at] === 0 && plane[at + 1] === 0 && plane[at + 2] === 0))
      at += 1;
    out.varint(othersFrom - zerosFrom);
    out.varint(at - othersFrom);
    out.bytes(plane.subarray(othersFrom, at));
  }
}

function decodePlane(from: ByteReader, plane: Uint8Array): void {
  let at = 0;
  while (at < plane.length) {
    const zeros = from.varint();
    const others = from.varint();
    if (at + zeros + others > plane.length)
      throw new RangeError("a plane is longer than its channel");
    if (zeros + others === 0) throw new RangeError("a plane does not go on");
    plane.fill(0, at, at + zeros);
    plane.set(from.bytes(others), at + zeros);
    at += zeros + others;
  }
}
