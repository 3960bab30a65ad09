import { TwinError } from "../../../errors/twin-error.ts";
import type { Recording, RecordingHead } from "../recording-types.ts";

const formatName = "stormbell-recording";
const formatVersion = 1;

/** A recording as JSON: its head as it is, and the values of each channel by name of the channel's place. */
export function recordingJson({ head, frames }: Recording): string {
  const rows = frames.map((values) => `[${Array.from(values, numberText).join(",")}]`);
  return `{"format":"${formatName}","version":${formatVersion},"head":${JSON.stringify(head)},"frames":[\n${rows.join(",\n")}\n]}\n`;
}

/** Reads what `recordingJson` wrote, bit by bit. */
export function recordingOfJson(text: string, name: string): Recording {
  const document = parsed(text, name) as Readonly<Record<string, unknown>>;
  const { format, version, frames: rows } = document;
  if (format !== formatName) refuse(name);
  if (typeof version === "number" && version > formatVersion) refuseNewer(name, version);
  const head = document["head"] as RecordingHead | undefined;
  if (!Array.isArray(rows) || rows.length !== head?.channels?.length) refuse(name);
  const frames = head.channels.map(({ kind }, at) => {
    const row: unknown = rows[at];
    if (!Array.isArray(row)) refuse(name);
    const values = row.map(numberOf);
    if (values.length !== head.frameCount) refuse(name);
    return kind === "count" ? Float64Array.from(values) : Float32Array.from(values);
  });
  return { head, frames };
}

function parsed(text: string, name: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, with what to do.
  }
  return refuse(name);
}

function refuseNewer(name: string, version: number): never {
  throw new TwinError({
    code: "recording.newer",
    problem: `The recording has format ${version} as JSON; this version of stormbell reads up to ${formatVersion}`,
    remedy: "Update stormbell, or run the scenario again with this version",
    at: name,
  });
}

function refuse(name: string): never {
  throw new TwinError({
    code: "recording.foreign",
    problem: "The file is not a stormbell recording",
    remedy: "Give a .stormrec file, or JSON that `stormbell export --json` wrote",
    at: name,
  });
}

/** JSON knows no NaN, no infinity and no minus zero. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return `"${value}"`;
}

function numberOf(value: number | string): number {
  return Number(value);
}
