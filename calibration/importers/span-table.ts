/** Spans as a table: one row a span, with columns for trace, span, parent, service, operation, start and end. */
import type { SpanGatherer } from "../spans/span.ts";
import {
  type Column,
  findColumn,
  numbersOf,
  requireColumn,
  secondsPerUnitOf,
  timesOf,
} from "../tables/columns.ts";
import type { Table } from "../tables/read-table.ts";

const roles = {
  trace: { what: "a trace id", names: [/^trace_?id$/] },
  span: { what: "a span id", names: [/^span_?id$/] },
  parent: { what: "the id of the parent span", names: [/^parent(_?span)?(_?id)?$/] },
  service: {
    what: "the name of the service",
    names: [/^service(_?name)?$/, /^pod(_?name)?$/, /^container(_?name)?$/],
  },
  operation: {
    what: "the name of the operation",
    names: [/^(operation|span|url)(_?name)?$/, /^name$/],
  },
  start: { what: "the start", names: [/^start/] },
  end: { what: "the end", names: [/^end/] },
  duration: { what: "the duration", names: [/^(duration|elapsed)/] },
} as const;

export function isSpanHeader(header: string): boolean {
  const names = header
    .split(/[,;\t|]/)
    .map((name) => name.replaceAll(/[^a-z]/gi, "").toLowerCase());
  return names.includes("traceid") && names.includes("spanid");
}

/** Throws `table.column-missing` and what the gatherer throws. */
export function importSpanTable(table: Table, gatherer: SpanGatherer): void {
  const trace = requireColumn(table, roles.trace);
  const span = requireColumn(table, roles.span);
  const parent = requireColumn(table, roles.parent);
  const service = requireColumn(table, roles.service);
  const operation = requireColumn(table, roles.operation);
  const startsMs = timesOf(table, requireColumn(table, roles.start));
  const endColumn = findColumn(table, roles.end);
  const endsMs =
    endColumn === undefined
      ? endsByDuration(table, requireColumn(table, roles.duration), startsMs)
      : timesOf(table, endColumn);
  for (let row = 0; row < table.rowCount; row += 1) {
    const parentId = parent.cells[row]!;
    gatherer.add(
      {
        traceId: trace.cells[row]!,
        spanId: span.cells[row]!,
        parentId: /^(root|-|none|null|0+)?$/i.test(parentId) ? "" : parentId,
        service: serviceOfPod(service.cells[row]!),
        operation: operation.cells[row]!,
        kind: "",
        startMs: startsMs[row]!,
        endMs: endsMs[row]!,
        hasFailed: false,
        isAsync: false,
      },
      `:${table.lines[row]}`,
    );
  }
}

/** Microseconds where the header does not say otherwise, as trace tools write durations. */
function endsByDuration(table: Table, column: Column, startsMs: Float64Array): Float64Array {
  const scale = (secondsPerUnitOf(column.name) ?? 1e-6) * 1e3;
  return numbersOf(table, column).map((duration, row) => startsMs[row]! + duration * scale);
}

/** `frontend-579b9bff58-t2dbm` is one pod of `frontend`. */
function serviceOfPod(name: string): string {
  return name.replace(/-[a-z0-9]{5,10}-[a-z0-9]{5}$/, "");
}
