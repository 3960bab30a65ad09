/**
 * The recording as bytes, and back. `docs/recording-format.md` describes the format; a change to it raises
 * `recordingFormatVersion`. Plain TypeScript without platform types, so that the page reads the same files as the
 * command line does; compression around it is the caller's business.
 */
import { TwinError } from "../../errors/twin-error.ts";
import { assert } from "../../kernel/assert.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { decodeChannel, encodeChannel } from "./channel-codec.ts";
import { crc32 } from "./crc32.ts";
import type { Recording, RecordingHead } from "./recording-types.ts";

export const recordingFormatVersion = 1;

/** As PNG's: a byte that is no ASCII, a name, and a line end that a transfer in text mode would spoil. */
const magic = [0x89, 0x53, 0x54, 0x4f, 0x52, 0x4d, 0x0d, 0x0a];
const versionAt = magic.length;
const lengthAt = versionAt + 2;
const headAt = lengthAt + 4;
const checksumLength = 4;

export function encodeRecording(recording: Recording): Uint8Array {
  const { head, frames } = recording;
  assert(frames.length === head.channels.length, "a recording has one array of frames a channel");
  const out = new ByteWriter();
  for (const byte of magic) out.byte(byte);
  out.uint16(recordingFormatVersion);
  out.uint32(0);
  out.text(headText(head));
  for (const [index, channel] of head.channels.entries()) {
    const values = frames[index]!;
    const isCount = values instanceof Float64Array;
    assert(
      isCount === (channel.kind === "count"),
      () => `${channel.name}: levels are Float32, counts Float64`,
    );
    assert(
      values.length === head.frameCount,
      () => `${channel.name}: ${values.length} frames of ${head.frameCount}`,
    );
    encodeChannel(out, values);
  }
  assert(out.length + checksumLength < 2 ** 32, "a recording is smaller than 4 GiB");
  out.setUint32(lengthAt, out.length + checksumLength);
  out.uint32(crc32(out.view()));
  return out.toBytes();
}

/** Throws a `TwinError` that says what is wrong with the file and what to do; `name` is how the user knows it. */
export function decodeRecording(bytes: Uint8Array, name = "recording"): Recording {
  refuseForeign(bytes, name);
  const intact = isIntact(bytes);
  const version = new ByteReader(bytes, versionAt).uint16();
  if (version > recordingFormatVersion && intact) {
    throw new TwinError({
      code: "recording.newer",
      problem: `The recording has format ${version}; this version of stormbell reads up to ${recordingFormatVersion}`,
      remedy: "Update stormbell, or run the scenario again with this version",
      at: name,
    });
  }
  if (!intact) refuseDamaged(bytes, name);
  try {
    return decodeBody(bytes);
  } catch (error) {
    throw damaged(name, "its content does not fit together", error);
  }
}

function decodeBody(bytes: Uint8Array): Recording {
  const from = new ByteReader(bytes, headAt);
  const head = JSON.parse(from.text()) as RecordingHead;
  const frames = head.channels.map((channel) => {
    const values =
      channel.kind === "count"
        ? new Float64Array(head.frameCount)
        : new Float32Array(head.frameCount);
    decodeChannel(from, values);
    return values;
  });
  if (from.at !== bytes.length - checksumLength)
    throw new RangeError(`bytes left over at ${from.at}`);
  return { head, frames };
}

/** JSON knows no NaN and no infinity; a head that has them would come back changed. */
function headText(head: RecordingHead): string {
  return JSON.stringify(head, (key, value: unknown) => {
    assert(
      typeof value !== "number" || Number.isFinite(value),
      () => `${key} of the recording is ${value}`,
    );
    return value;
  });
}

function refuseForeign(bytes: Uint8Array, name: string): void {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new TwinError({
      code: "recording.compressed",
      problem: "The recording is still compressed (gzip)",
      remedy: "Decompress it first; the command line and the page do so by themselves",
      at: name,
    });
  }
  const begins = bytes.subarray(0, magic.length);
  if (begins.length > 0 && begins.every((byte, at) => byte === magic[at])) {
    if (bytes.length < headAt + checksumLength) refuseTruncated(bytes, name, undefined);
    return;
  }
  throw new TwinError({
    code: "recording.foreign",
    problem: bytes.length === 0 ? "The file is empty" : "The file is not a stormbell recording",
    remedy: "Give a .stormrec file; `stormbell run SCENARIO` writes one",
    at: name,
  });
}

function isIntact(bytes: Uint8Array): boolean {
  if (new ByteReader(bytes, lengthAt).uint32() !== bytes.length) return false;
  const end = bytes.length - checksumLength;
  return new ByteReader(bytes, end).uint32() === crc32(bytes.subarray(0, end));
}

function refuseDamaged(bytes: Uint8Array, name: string): never {
  const lengthWhole = new ByteReader(bytes, lengthAt).uint32();
  if (bytes.length < lengthWhole) refuseTruncated(bytes, name, lengthWhole);
  throw damaged(name, "its checksum does not fit its content");
}

function refuseTruncated(bytes: Uint8Array, name: string, lengthWhole: number | undefined): never {
  const of = lengthWhole === undefined ? "" : ` of ${lengthWhole}`;
  throw new TwinError({
    code: "recording.truncated",
    problem: `The recording is cut short: ${bytes.length}${of} bytes are there`,
    remedy: "Copy it again from where it was written, or run the scenario again",
    at: name,
  });
}

function damaged(name: string, reason: string, cause?: unknown): TwinError {
  return new TwinError(
    {
      code: "recording.damaged",
      problem: `The recording is damaged: ${reason}`,
      remedy: "Copy it again from where it was written, or run the scenario again",
      at: name,
    },
    { cause },
  );
}
