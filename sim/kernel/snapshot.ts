import { align8, type Registered } from "./containers/registered.ts";
import { KernelError } from "./kernel-error.ts";
import { readText, textByteLength, writeText } from "./text-bytes.ts";

/**
 * The form of a snapshot, little-endian:
 *
 *     0   4 bytes  the letters SBKS
 *     4   4        form version
 *     8   8        checksum of everything after these 16 bytes
 *    16   8        bytes of the directory
 *    24   ...      directory, JSON in 16-bit units: program version; name, offset and length of every part
 *    ...           the parts, each at a multiple of 8
 */
const magic = 0x534b4253;
const formVersion = 1;
const headerBytes = 24;

interface Directory {
  readonly programVersion: string;
  readonly parts: readonly (readonly [name: string, offset: number, byteLength: number])[];
}

/** One buffer holding every part. */
export function writeSnapshot(
  programVersion: string,
  parts: ReadonlyMap<string, Registered>,
): ArrayBuffer {
  const sized = [...parts].map(([name, part]) => ({ name, part, byteLength: part.byteLength() }));
  let bytes = 0;
  const entries: [string, number, number][] = [];
  for (const { name, byteLength } of sized) {
    entries.push([name, bytes, byteLength]);
    bytes += align8(byteLength);
  }
  const directory: Directory = { programVersion, parts: entries };
  const text = JSON.stringify(directory);
  const partsAt = headerBytes + align8(textByteLength(text));
  const buffer = new ArrayBuffer(partsAt + bytes);
  const view = new DataView(buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, formVersion, true);
  view.setFloat64(16, textByteLength(text), true);
  writeText(text, view, headerBytes);
  for (const [i, { part }] of sized.entries()) part.write(view, partsAt + entries[i]![1]);
  const [low, high] = checksum(buffer);
  view.setInt32(8, low, true);
  view.setInt32(12, high, true);
  return buffer;
}

/** Fills every part from a buffer, or throws a KernelError that says why it cannot, before anything is changed. */
export function readSnapshot(
  buffer: ArrayBuffer,
  programVersion: string,
  parts: ReadonlyMap<string, Registered>,
): void {
  const view = new DataView(buffer);
  const directory = readDirectory(view, buffer);
  if (directory.programVersion !== programVersion) {
    throw new KernelError({
      code: "kernel.snapshot-version",
      problem: `The snapshot is of program version "${directory.programVersion}", this is "${programVersion}"`,
      remedy: "Take the snapshot again with this version, or restore it with that one",
    });
  }
  const partsAt = headerBytes + align8(view.getFloat64(16, true));
  requireSameParts(directory, [...parts.keys()]);
  for (const [name, offset, byteLength] of directory.parts) {
    try {
      parts.get(name)!.read(view, partsAt + offset, byteLength);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new KernelError(
        {
          code: "kernel.snapshot-part",
          problem: `Part "${name}" of the snapshot does not fit: ${why}`,
          remedy:
            "Assemble the simulation as it was when the snapshot was taken; this one is now unusable",
          at: name,
        },
        { cause },
      );
    }
  }
}

function readDirectory(view: DataView, buffer: ArrayBuffer): Directory {
  if (buffer.byteLength < headerBytes || view.getUint32(0, true) !== magic) {
    refuseDamaged("it does not begin as a snapshot");
  }
  const version = view.getUint32(4, true);
  if (version !== formVersion) refuseDamaged(`its form is version ${version}, not ${formVersion}`);
  const [low, high] = checksum(buffer);
  if (low !== view.getInt32(8, true) || high !== view.getInt32(12, true)) {
    refuseDamaged("its checksum is wrong");
  }
  return JSON.parse(readText(view, headerBytes, view.getFloat64(16, true))) as Directory;
}

function requireSameParts(directory: Directory, ours: readonly string[]): void {
  const theirs = directory.parts.map(([name]) => name);
  const missing = theirs.find((name) => !ours.includes(name));
  const extra = ours.find((name) => !theirs.includes(name));
  if (missing === undefined && extra === undefined) return;
  const problem =
    missing === undefined
      ? `This simulation has a part "${extra}" that the snapshot lacks`
      : `The snapshot has a part "${missing}" that this simulation lacks`;
  throw new KernelError({
    code: "kernel.snapshot-parts",
    problem,
    remedy: "Assemble the simulation as it was when the snapshot was taken",
  });
}

function refuseDamaged(why: string): never {
  throw new KernelError({
    code: "kernel.snapshot-damaged",
    problem: `The buffer cannot be read as a snapshot: ${why}`,
    remedy: "Take the snapshot again",
  });
}

/** Two sums over the 32-bit words after the checksum, the second dependent on their order. */
function checksum(buffer: ArrayBuffer): [low: number, high: number] {
  const words = new Int32Array(buffer, 16, (buffer.byteLength - 16) >> 2);
  let low = 0x6a09e667;
  let high = buffer.byteLength | 0;
  for (let i = 0; i < words.length; i += 1) {
    low = Math.imul(low ^ words[i]!, 0x7feb352d);
    low ^= low >>> 15;
    high = (Math.imul(high, 31) + low) | 0;
  }
  return [low, high];
}
