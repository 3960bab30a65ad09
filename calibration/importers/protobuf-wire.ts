/**
 * The wire format of protocol buffers, as much of it as one message takes: a metric stream has two schemas that differ in
 * three fields, which a hand's breadth of reader tells apart and generated code would not.
 */
import { TwinError } from "../../sim/errors/twin-error.ts";

/** One field: its number, and its bytes, whole number or 64 fixed bits. */
export interface WireField {
  readonly number: number;
  /** Of a nested message or a text; empty for the others. */
  readonly bytes: Uint8Array;
  readonly integer: number;
  /** The eight bytes of a fixed64 or a double. */
  readonly fixed: DataView | undefined;
}

const nothing = new Uint8Array(0);

/** A reader over bytes, which knows where in the file they stand. Throws `import.protobuf-damaged`. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #file: string;
  readonly #offset: number;
  at = 0;

  constructor(bytes: Uint8Array, file: string, offset = 0) {
    this.#bytes = bytes;
    this.#file = file;
    this.#offset = offset;
  }

  get isDone(): boolean {
    return this.at >= this.#bytes.length;
  }

  /** A whole number of up to 53 bits; longer ones lose their last bits, which no count here has. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 10; length += 1) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) throw this.#damaged("a number is cut short");
      this.at += 1;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return value;
    }
    throw this.#damaged("a number has more than ten bytes");
  }

  /** The next so many bytes. */
  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.#bytes.length)
      throw this.#damaged(
        `a message of ${length} bytes has only ${this.#bytes.length - this.at} left`,
      );
    const part = this.#bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }

  /** All fields of a message, in their order. */
  *fields(): Generator<WireField> {
    while (!this.isDone) {
      const tag = this.varint();
      const number = Math.floor(tag / 8);
      const kind = tag % 8;
      if (number === 0) throw this.#damaged("a field has the number 0");
      if (kind === 0) yield { number, bytes: nothing, integer: this.varint(), fixed: undefined };
      else if (kind === 1) {
        const part = this.take(8);
        const fixed = new DataView(part.buffer, part.byteOffset, 8);
        yield { number, bytes: nothing, integer: Number(fixed.getBigUint64(0, true)), fixed };
      } else if (kind === 2)
        yield { number, bytes: this.take(this.varint()), integer: 0, fixed: undefined };
      else if (kind === 5) this.take(4);
      else throw this.#damaged(`a field is of the unknown kind ${kind}`);
    }
  }

  /** A reader of a nested message. */
  within(bytes: Uint8Array): WireReader {
    return new WireReader(
      bytes,
      this.#file,
      this.#offset + (bytes.byteOffset - this.#bytes.byteOffset),
    );
  }

  #damaged(problem: string): TwinError {
    return new TwinError({
      code: "import.protobuf-damaged",
      problem: `The binary stream cannot be read: ${problem}`,
      remedy: "It seems cut short or is of another form: fetch it again; nothing was imported",
      at: `${this.#file} byte ${this.#offset + this.at}`,
    });
  }
}
