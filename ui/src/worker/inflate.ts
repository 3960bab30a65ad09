import { TwinError } from "../../../sim/errors/twin-error.ts";

/** The content of a file: decompressed when it is gzip. */
export async function bytesOf(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const stream = new Blob([bytes as BlobPart])
      .stream()
      .pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new TwinError(
      {
        code: "input.gzip-damaged",
        problem: "The file begins as gzip and cannot be decompressed",
        remedy: "Copy it again from where it was written",
        at: name,
      },
      { cause },
    );
  }
}
