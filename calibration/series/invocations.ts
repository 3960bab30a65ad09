/** Invocations of functions: tables of reports, daily benchmark samples, or REPORT lines of a log. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readWholeText } from "../files/read-text.ts";
import type { Finding } from "../fit-report.ts";
import {
  type Column,
  findColumn,
  isNumeric,
  numbersOf,
  secondsPerUnitOf,
} from "../tables/columns.ts";
import { futureDated, futureLimitMs } from "../tables/future.ts";
import { parseTime } from "../tables/parse-time.ts";
import { parseTable, type Table } from "../tables/read-table.ts";
import { timeColumn } from "./table-series.ts";

export interface Invocation {
  readonly functionName: string;
  readonly memoryMb: number | null;
  readonly atMs: number | null;
  readonly durationMs: number | null;
  /** Time before the handler ran; `null` when warm or restored from a snapshot. */
  readonly initMs: number | null;
  readonly restoreMs: number | null;
  readonly isCold: boolean;
}

export async function loadInvocations(
  file: string,
  findings: Finding[],
): Promise<readonly Invocation[]> {
  const text = await readWholeText(file);
  if (/(^|\W)REPORT RequestId:/.test(text.slice(0, 100_000)))
    return reportLines(text, file, findings);
  return tableInvocations(parseTable(text, file), findings);
}

const reportPattern =
  /REPORT RequestId:\s*\S+\s+Duration:\s*([\d.]+) ms.*?Memory Size:\s*(\d+) MB(?:.*?Max Memory Used:\s*\d+ MB)?(?:.*?Init Duration:\s*([\d.]+) ms)?(?:.*?Restore Duration:\s*([\d.]+) ms)?/;

function reportLines(text: string, file: string, findings: Finding[]): readonly Invocation[] {
  const found: Invocation[] = [];
  let damaged = 0;
  for (const [at, line] of text.split("\n").entries()) {
    if (!line.includes("REPORT RequestId:")) continue;
    const match = reportPattern.exec(line);
    if (match === null) {
      damaged += 1;
      continue;
    }
    const stamp = parseTime(/^\S+/.exec(line.trim())?.[0] ?? "");
    if (stamp > futureLimitMs()) throw futureDated(1, 1, stamp, `${file}:${at + 1}`);
    const [initMs, restoreMs] = [match[3], match[4]].map((each) =>
      each === undefined ? null : Number(each),
    ) as [number | null, number | null];
    found.push({
      functionName: "function",
      memoryMb: Number(match[2]),
      atMs: Number.isNaN(stamp) ? null : stamp,
      durationMs: Number(match[1]),
      initMs,
      restoreMs,
      isCold: initMs !== null || restoreMs !== null,
    });
  }
  if (damaged > 0)
    findings.push({
      severity: "rejected",
      what: `${damaged} REPORT lines could not be read`,
      at: file,
    });
  return found;
}

function tableInvocations(table: Table, findings: Finding[]): readonly Invocation[] {
  const samples = findColumn(table, { what: "samples", names: [/init.*samples/] });
  const init = timesColumn(table, [
    /^init_?(duration|time)?(_(s|ms|us|sec|seconds|millis))?$/,
    /init.*duration/,
    /init_(ms|time)/,
    /initiali[sz]ation/,
    /cold_?start/,
  ]);
  const restore = timesColumn(table, [
    /^restore_?(duration|time)?(_(s|ms|us|sec|seconds|millis))?$/,
  ]);
  if (samples === undefined && init === undefined && restore === undefined) {
    throw new TwinError({
      code: "fit.coldstart-columns",
      problem: `No column holds initialisation times; the file has ${table.headers.join(", ")}`,
      remedy:
        "Give initDuration (ms) filled for cold starts and empty for warm ones, or REPORT lines",
      at: `${table.file}:1`,
    });
  }
  const parts = {
    samples,
    init,
    restore,
    duration: findColumn(table, {
      what: "duration",
      names: [/^duration(_(s|ms|us|sec|seconds|millis))?$/, /mean_duration/],
    }),
    memory: findColumn(table, {
      what: "memory",
      names: [/^memory(_?size)?(_?[mg]i?b)?$/, /memory_(size|[mg]i?b)/],
    }),
    name: findColumn(table, {
      what: "function",
      names: [/^function(_?name)?$/, /^runtime$/, /^name$/],
    }),
    architecture: findColumn(table, { what: "architecture", names: [/^arch/] }),
    flag: findColumn(table, { what: "start type", names: [/start_?type|is_?cold|cold/] }),
    time: timeColumn(table),
  };
  const numbers = numbersOfParts(table, parts, findings);
  const found: Invocation[] = [];
  let unmarked = 0;
  for (let row = 0; row < table.rowCount; row += 1) {
    const calls = rowInvocations(parts, numbers, row);
    found.push(...calls);
    if (calls.some((call) => call.isCold && call.initMs === null && call.restoreMs === null))
      unmarked += 1;
  }
  if (unmarked > 0) {
    findings.push({
      severity: "warning",
      what: `${unmarked} calls are marked cold without an initialisation time`,
      at: table.file,
    });
  }
  return found;
}

/** The first column of such a name that holds numbers at all: a flag may be called `coldStart` too. */
function timesColumn(table: Table, names: readonly RegExp[]): Column | undefined {
  for (const name of names) {
    const found = findColumn(table, { what: "a time", names: [name] });
    if (found !== undefined && isNumeric(found)) return found;
  }
  return undefined;
}

/** Numbers by part, in ms and MB; NaN where a cell is empty. */
type Numbers = Readonly<Partial<Record<"duration" | "init" | "restore" | "memory", Float64Array>>>;

function numbersOfParts(table: Table, parts: Parts, findings: Finding[]): Numbers {
  const found: Partial<Record<"duration" | "init" | "restore" | "memory", Float64Array>> = {};
  for (const part of ["duration", "init", "restore"] as const) {
    const column = parts[part];
    if (column === undefined) continue;
    const scale = (secondsPerUnitOf(column.name) ?? 0.001) * 1000;
    const values = numbersOf(table, column);
    refuseNegative(table, column, values);
    const times = part === "duration" ? values : withoutZeros(table, column, values, findings);
    found[part] = times.map((value) => value * scale);
  }
  const { memory } = parts;
  if (memory !== undefined) found.memory = megabytes(numbersOf(table, memory), memory.name);
  return found;
}

/** More megabytes than any function can have are bytes, which CloudWatch Logs Insights tells. */
const memoryMaxMb = 100_000;

function megabytes(values: Float64Array, header: string): Float64Array {
  const unit = /gi?b[)\]]?$/i.test(header) ? 1024 : 1;
  return values.map((value) => (value > memoryMaxMb ? value / 1e6 : value * unit));
}

/** An initialisation of 0 beside others is how some exports say that there was none. */
function withoutZeros(
  table: Table,
  { name }: Column,
  values: Float64Array,
  findings: Finding[],
): Float64Array {
  const zeros = values.filter((value) => value === 0).length;
  if (zeros === 0) return values;
  findings.push({
    severity: "note",
    what: `${zeros} rows have 0 in column ${name}: read as warm starts`,
    at: table.file,
  });
  return values.map((value) => (value === 0 ? Number.NaN : value));
}

function refuseNegative(table: Table, column: Column, values: Float64Array): void {
  const row = values.findIndex((value) => value < 0);
  if (row < 0) return;
  throw new TwinError({
    code: "fit.coldstart-negative",
    problem: `${values[row]} in column ${column.name} is no length of time`,
    remedy: "Leave the cell empty where the start was warm or nothing was measured",
    at: `${table.file}:${table.lines[row]}`,
  });
}

type Parts = Readonly<
  Record<
    | "samples"
    | "init"
    | "restore"
    | "duration"
    | "memory"
    | "name"
    | "architecture"
    | "flag"
    | "time",
    Column | undefined
  >
>;

function rowInvocations(parts: Parts, numbers: Numbers, row: number): readonly Invocation[] {
  const cell = (column: Column | undefined) => column?.cells[row] ?? "";
  const numeric = (values: Float64Array | undefined) => {
    const value = values?.[row] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  };
  const stamp = parseTime(cell(parts.time));
  const architecture = cell(parts.architecture);
  const shared = {
    functionName: [cell(parts.name) || "function", architecture]
      .filter((each) => each !== "")
      .join(" "),
    memoryMb: numeric(numbers.memory),
    atMs: Number.isNaN(stamp) ? null : stamp,
    durationMs: numeric(numbers.duration),
  };
  if (parts.samples !== undefined) {
    return cell(parts.samples)
      .split(/[\s;|]+/)
      .filter((each) => each !== "" && Number.isFinite(Number(each)))
      .map((each) => ({
        ...shared,
        durationMs: null,
        initMs: Number(each),
        restoreMs: null,
        isCold: true,
      }));
  }
  const restoreMs = numeric(numbers.restore);
  const initMs = numeric(numbers.init);
  const flag = cell(parts.flag).toLowerCase();
  const isCold =
    flag === "" ? initMs !== null || restoreMs !== null : /^(cold|true|1|yes)$/.test(flag);
  return [{ ...shared, initMs, restoreMs, isCold }];
}
