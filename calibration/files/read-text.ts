/**
 * Files as pieces of text: plain or gzip (told by the first bytes), in UTF-8, never whole in memory unless asked for.
 */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { TwinError } from "../../sim/errors/twin-error.ts";

const reasons: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "does not exist"],
  ["EISDIR", "is a folder"],
  ["EACCES", "may not be read by this user"],
]);

/** The bytes of a file, unpacked, piece by piece. Throws `input.unreadable`, `input.gzip-damaged`, `input.empty`. */
async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  let isPacked = false;
  let seen = 0;
  try {
    isPacked = await isGzip(path);
    const file = createReadStream(path, { highWaterMark: 1 << 18 });
    const source = isPacked ? pipeline(file, createGunzip({ chunkSize: 1 << 18 }), () => {}) : file;
    for await (const chunk of source) {
      seen += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    if (cause instanceof TwinError) throw cause;
    throw readError(path, isPacked, cause);
  }
  if (seen > 0) return;
  throw new TwinError({
    code: "input.empty",
    problem: "The file is empty",
    remedy: "Export it again; an export without data still has its header",
    at: path,
  });
}

/** The first bytes of a file, unpacked. Throws what is thrown where a file cannot be read. */
export async function headBytes(path: string, length: number): Promise<Uint8Array> {
  for await (const chunk of readChunks(path)) return chunk.subarray(0, length);
  return new Uint8Array(0);
}

/** Longest file that is read whole as bytes. */
const bytesMax = 1 << 29;

/** Throws `input.too-large`. */
export async function readWholeBytes(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readChunks(path)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > bytesMax)
      throw new TwinError({
        code: "input.too-large",
        problem: `The file has more than ${bytesMax >> 20} MiB, and this form is read whole`,
        remedy: "Divide it by time and give the parts",
        at: path,
      });
  }
  return Buffer.concat(chunks, length);
}

/** The text of a file in pieces that may end anywhere. Throws `input.not-text` on bytes that are not UTF-8. */
export async function* readText(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (chunk: Uint8Array | undefined) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw new TwinError(
        {
          code: "input.not-text",
          problem: "The file is not text in UTF-8",
          remedy:
            "Check that it is the file you mean, and that it is not packed other than by gzip",
          at: path,
        },
        { cause },
      );
    }
  };
  for await (const chunk of readChunks(path)) yield decode(chunk);
  yield decode(undefined);
}

/** Longest text that is read whole: about what a string can hold. */
const wholeMax = 400_000_000;

/** Throws `input.too-large` for a text that cannot be held whole, beside what `readText` throws. */
export async function readWholeText(path: string): Promise<string> {
  const pieces: string[] = [];
  let length = 0;
  for await (const piece of readText(path)) {
    length += piece.length;
    if (length > wholeMax) {
      throw new TwinError({
        code: "input.too-large",
        problem: `The file has more than ${wholeMax / 1e6} million characters, and this form is read whole`,
        remedy:
          "Divide it by time and give the parts, or export longer periods; access logs, durations, arrivals by --timestamps, and JSON with one object a line may be of any size",
        at: path,
      });
    }
    pieces.push(piece);
  }
  return pieces.join("");
}

/** Lines without their ends, many at a time; the first has number 1. Blank lines are kept, so that numbers are right. */
export async function* readLines(path: string): AsyncGenerator<readonly string[]> {
  let rest = "";
  for await (const piece of readText(path)) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length > 0) yield lines.map(withoutReturn);
  }
  if (rest !== "") yield [withoutReturn(rest)];
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

function readError(path: string, isPacked: boolean, cause: unknown): TwinError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  if (isPacked && /^Z_|ERR_STREAM_PREMATURE/.test(code)) {
    return new TwinError(
      {
        code: "input.gzip-damaged",
        problem: `The gzip file is damaged or cut short (${(cause as Error).message})`,
        remedy: "Fetch or pack it again; `gzip -t FILE` tells when it is whole",
        at: path,
      },
      { cause },
    );
  }
  return new TwinError(
    {
      code: "input.unreadable",
      problem: `The file ${reasons.get(code) ?? `cannot be read (${code || cause})`}`,
      remedy: "Check the path",
      at: path,
    },
    { cause },
  );
}
