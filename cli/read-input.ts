/** Files as the user named them: read whole, unpacked when gzipped, with mistakes told as mistakes. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { TwinError } from "../sim/errors/twin-error.ts";

const reasons: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "does not exist"],
  ["EISDIR", "is a folder"],
  ["EACCES", "may not be read by this user"],
]);

/** The bytes of a file, unpacked when they are gzip, whatever its name. */
export function readInput(path: string): Uint8Array {
  const bytes = readBytes(path);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unpack(path, bytes) : bytes;
}

/** The text of a file in UTF-8; a byte-order mark is dropped, and other bytes are a mistake. */
export function readTextInput(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readInput(path));
  } catch (cause) {
    if (cause instanceof TwinError) throw cause;
    throw new TwinError(
      {
        code: "input.not-text",
        problem: "The file is not text in UTF-8",
        remedy: "Check that it is the file you mean, and that it is not packed other than by gzip",
        at: path,
      },
      { cause },
    );
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    throw new TwinError(
      {
        code: "input.unreadable",
        problem: `The file ${reasons.get(code) ?? `cannot be read (${code})`}`,
        remedy: code === "EISDIR" ? `Name the files in it: ${path}/*` : "Check the path",
        at: path,
      },
      { cause },
    );
  }
}

function unpack(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new TwinError(
      {
        code: "input.gzip-damaged",
        problem: `The gzip file is damaged or cut short (${(cause as Error).message})`,
        remedy: "Fetch or pack it again; `gzip -t FILE` tells when it is whole",
        at: path,
      },
      { cause },
    );
  }
}
