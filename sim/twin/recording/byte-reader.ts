/** Reads what `ByteWriter` wrote; reading past the end throws a `RangeError`, never invents bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new RangeError(`no byte at ${this.#at}`);
    this.#at += 1;
    return value;
  }

  bytes(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length)
      throw new RangeError(`no ${count} bytes at ${this.#at}`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  uint16(): number {
    return this.byte() | (this.byte() << 8);
  }

  uint32(): number {
    return this.uint16() + this.uint16() * 0x10000;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 8; count += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new RangeError(`a number before ${this.#at} has no end`);
  }

  text(): string {
    return textOf(this.bytes(this.varint()));
  }
}

function textOf(bytes: Uint8Array): string {
  const parts: string[] = [];
  let units: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at]!);
    pushUnits(units, codePointOf(bytes, at, length));
    at += length;
    // A call with too many arguments overflows the stack.
    if (units.length > 8000) {
      parts.push(String.fromCharCode(...units));
      units = [];
    }
  }
  parts.push(String.fromCharCode(...units));
  return parts.join("");
}

function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function codePointOf(bytes: Uint8Array, at: number, length: number): number {
  let code = length === 1 ? bytes[at]! : bytes[at]! & (0x7f >> length);
  for (let index = 1; index < length; index += 1) code = (code << 6) | (bytes[at + index]! & 0x3f);
  return code;
}

function pushUnits(units: number[], code: number): void {
  if (code < 0x10000) units.push(code);
  else units.push(0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
}
