/** Throughput of load tests: as given, or as requests over the length of the run. */
import type { Finding } from "../fit-report.ts";
import { median } from "../statistics/descriptive.ts";
import {
  type Column,
  findColumn,
  numbersOf,
  requireColumn,
  secondsPerUnitOf,
} from "../tables/columns.ts";
import { number } from "../tables/format.ts";
import { eventsPerSecondOf } from "../tables/rate-unit.ts";
import type { Table } from "../tables/read-table.ts";
import { throughputColumn } from "./load-columns.ts";

export interface Throughput {
  readonly values: Float64Array;
  readonly unit: string;
}

/** Throughput as given, or requests over the length of the run. */
export function throughputOf(table: Table, load: Column, findings: Finding[]): Throughput {
  const direct = findColumn(table, throughputColumn);
  if (direct !== undefined && direct.index !== load.index)
    return bySecond(numbersOf(table, direct), direct, table.file, findings);
  const count = findColumn(table, {
    what: "requests",
    names: [
      /^(total_?)?(requests|queries|transactions|calls|ops|completed)$/,
      /total_requests|request_count/,
    ],
  });
  const length = findColumn(table, {
    what: "run length",
    names: [/^(wall|wall_?time|duration|elapsed|run_?time|seconds)(_(s|sec|seconds))?$/],
  });
  if (count !== undefined && length !== undefined) {
    const seconds = runLengths(numbersOf(table, length), table.file, findings);
    const scale = secondsPerUnitOf(length.name) ?? 1;
    return {
      values: numbersOf(table, count).map((requests, row) => requests / (seconds[row]! * scale)),
      unit: `${count.name}/s`,
    };
  }
  const named = requireColumn(table, throughputColumn);
  return bySecond(numbersOf(table, named), named, table.file, findings);
}

/** What is told by the minute or the hour, by the second. */
function bySecond(
  values: Float64Array,
  { name }: Column,
  file: string,
  findings: Finding[],
): Throughput {
  const scale = eventsPerSecondOf(name) ?? 1;
  if (scale === 1) return { values, unit: name };
  findings.push({
    severity: "note",
    what: `${name} was turned into a rate by the second`,
    at: file,
  });
  return { values: values.map((value) => value * scale), unit: "1/s" };
}

/** A clock of whole seconds is off by up to one: lengths that differ by no more than that are taken as equal. */
function runLengths(seconds: Float64Array, file: string, findings: Finding[]): Float64Array {
  const usual = median(seconds.filter((each) => each > 0));
  const isCoarse = seconds.every((each) => Number.isNaN(each) || Number.isInteger(each));
  const near = seconds.filter((each) => each !== usual && Math.abs(each - usual) <= 1).length;
  if (!isCoarse || near === 0) return seconds;
  findings.push({
    severity: "note",
    what: `run lengths are whole seconds: ${near} that are one off the usual ${number(usual)} s were read as that`,
    at: file,
  });
  return seconds.map((each) => (Math.abs(each - usual) <= 1 ? usual : each));
}
