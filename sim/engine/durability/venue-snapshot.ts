import type { MatchingEngine } from "../matching-engine.ts";
import { checksumWords } from "./checksum.ts";

/**
 * The venue's own durable snapshot: the engine's blob with the number of the last command it covers *inside*, a length and
 * a checksum, so that a half-written file is seen to be one. (The simulator's snapshot of everything is another thing.)
 */
const snapshotMagic = 0x31535342;
const snapshotVersion = 1;
const headerBytes = 32;

/** A snapshot of everything the engine knows now. */
export function takeVenueSnapshot(engine: MatchingEngine): Uint8Array<ArrayBuffer> {
  const blobBytes = engine.byteLength();
  const padded = (blobBytes + 7) & ~7;
  const bytes = new Uint8Array(headerBytes + padded);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, snapshotMagic, true);
  view.setUint32(4, snapshotVersion, true);
  view.setFloat64(8, engine.sequence, true);
  view.setFloat64(16, blobBytes, true);
  engine.write(view, headerBytes);
  view.setInt32(24, checksumOf(bytes.buffer), true);
  return bytes;
}

/** Number of the last command that a whole snapshot covers, or what is wrong with it. */
export function inspectVenueSnapshot(
  bytes: Uint8Array,
): { readonly sequence: number } | { readonly problem: string } {
  if (bytes.length < headerBytes) return { problem: "it is cut in its header" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== snapshotMagic) return { problem: "it is no snapshot" };
  const version = view.getUint32(4, true);
  if (version !== snapshotVersion) return { problem: `its version is ${version}` };
  const blobBytes = view.getFloat64(16, true);
  const wanted = headerBytes + ((blobBytes + 7) & ~7);
  if (bytes.length !== wanted) return { problem: `it has ${bytes.length} of ${wanted} bytes` };
  const aligned = new Uint8Array(bytes);
  if (checksumOf(aligned.buffer) !== view.getInt32(24, true)) {
    return { problem: "its checksum is wrong" };
  }
  return { sequence: view.getFloat64(8, true) };
}

/** Makes the engine the one that was snapshotted. Inspect first: a damaged snapshot throws here. */
export function restoreVenueSnapshot(engine: MatchingEngine, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  engine.read(view, headerBytes, view.getFloat64(16, true));
}

/** Over everything but the checksum itself. */
function checksumOf(buffer: ArrayBuffer): number {
  const words = new Int32Array(buffer);
  return checksumWords(words, 7, words.length, checksumWords(words, 0, 6, 1));
}
