/** What an importer hands on: points with their name, before they are sorted and checked. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { createSeries, type Series, type SeriesName } from "../series/series.ts";
import { isoTime } from "../tables/parse-time.ts";

export interface ImportedPoints extends SeriesName {
  timesMs: number[];
  values: number[];
  periodSec: number | undefined;
}

/** Gathers points by series as they are read. */
export class PointGatherer {
  readonly #series = new Map<string, ImportedPoints>();

  /** The series of this id, made when it is first seen. Throws `import.mixed-units` when its unit changes. */
  of(name: SeriesName, file: string, at = ""): ImportedPoints {
    const known = this.#series.get(name.id);
    if (known === undefined) {
      const made = { ...name, timesMs: [], values: [], periodSec: undefined };
      this.#series.set(name.id, made);
      return made;
    }
    if (known.unit !== name.unit) {
      throw new TwinError({
        code: "import.mixed-units",
        problem: `Points of ${name.id} are in ${known.unit || "no unit"} and in ${name.unit || "no unit"}`,
        remedy: "Export one unit a metric; nothing was imported",
        at: at === "" ? file : `${file}:${at}`,
      });
    }
    return known;
  }

  /** Every series so far, to be changed before they are finished. */
  get gathered(): readonly ImportedPoints[] {
    return [...this.#series.values()];
  }

  finish(file: string): readonly Series[] {
    const all = [...this.#series.values()].filter((each) =>
      each.values.some((value) => !Number.isNaN(value)),
    );
    if (all.length === 0) {
      throw new TwinError({
        code: "import.no-points",
        problem: "The export has no data point",
        remedy: "Export a time range in which the metric was published",
        at: file,
      });
    }
    for (const each of all) refuseAncient(each, file);
    return all.map(({ timesMs, values, periodSec, ...name }) =>
      createSeries(
        name,
        { timesMs, values, ...(periodSec === undefined ? {} : { periodSec }) },
        file,
      ),
    );
  }
}

/** Points in the order of time: stamps, and values that ascend with them. */
export interface CounterPoints {
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/**
 * What a counter grew by between its points, each stamped with the start of its step; one that fell was started anew, and
 * had grown by what it says since. The first point only says where it began. Points in whatever order.
 */
export function increasesOf({ timesMs, values }: CounterPoints): {
  readonly timesMs: number[];
  readonly values: number[];
} {
  const order = Array.from(timesMs, (_, i) => i)
    .filter((i) => !Number.isNaN(values[i]!))
    .sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  const steps = order.slice(1).map((at, i) => [order[i]!, at] as const);
  return {
    timesMs: steps.map(([before]) => timesMs[before]!),
    values: steps.map(([before, at]) => {
      const grown = values[at]! - values[before]!;
      return grown >= 0 ? grown : values[at]!;
    }),
  };
}

/** Nothing of what is read was measured before 1990: such stamps are in another unit. */
const stampMinMs = 631e9;

function refuseAncient({ id, timesMs, values }: ImportedPoints, file: string): void {
  const first = timesMs.findIndex((ms, i) => ms < stampMinMs && !Number.isNaN(values[i]!));
  if (first < 0) return;
  throw new TwinError({
    code: "import.bad-time",
    problem: `A point of ${id} is stamped ${isoTime(timesMs[first]!)}, long before there was anything to measure`,
    remedy:
      "The stamps are in another unit than this form has (seconds, milliseconds or nanoseconds): correct them; nothing was imported",
    at: file,
  });
}

/** A value that an export must have: a number, or the text of one; `NaN` and infinities are unknown. Throws `import.not-a-number`. */
export function requireNumber(value: unknown, file: string, at: string): number {
  if (value === null || /^[+-]?(nan|inf(inity)?)$/i.test(textOf(value))) return Number.NaN;
  const amount =
    typeof value === "number" || textOf(value).trim() !== "" ? Number(value) : Number.NaN;
  if (Number.isFinite(amount)) return amount;
  throw new TwinError({
    code: "import.not-a-number",
    problem: `${JSON.stringify(value) ?? "Nothing"} stands where a value must be`,
    remedy: "Export again, or mend the file; nothing was imported",
    at: `${file}${at}`,
  });
}

/** A time that an export must have; throws `import.bad-time`. */
export function requireTime(ms: number, text: unknown, file: string, at: string): number {
  if (Number.isFinite(ms)) return ms;
  throw new TwinError({
    code: "import.bad-time",
    problem: `${JSON.stringify(text)} is not a time`,
    remedy: "Times are ISO 8601, or seconds or milliseconds since 1970; nothing was imported",
    at: `${file}${at}`,
  });
}

/** JSON of a whole file; throws `import.json-damaged` with the place where it stops to be JSON. */
export function parseJson(text: string, file: string, line?: number): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const { message } = cause as Error;
    const offset = /position (\d+)/.exec(message)?.[1];
    const at =
      line ??
      (offset === undefined
        ? text.split("\n").length
        : text.slice(0, Number(offset)).split("\n").length);
    throw new TwinError(
      {
        code: "import.json-damaged",
        problem: `The file is no whole JSON: ${message}`,
        remedy: "It seems cut short or edited: export it again; nothing was imported",
        at: `${file}:${at}`,
      },
      { cause },
    );
  }
}

/** One document, a list of pages, or one document a line. */
export function jsonDocuments(text: string, file: string): readonly unknown[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const isLines =
    lines.length > 1 &&
    lines.every((line) => line.trim().startsWith("{") && line.trim().endsWith("}"));
  if (isLines) return lines.map((line, i) => parseJson(line, file, i + 1));
  const document = parseJson(text, file);
  return Array.isArray(document) ? document : [document];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
