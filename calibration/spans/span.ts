/** Spans of traces: who worked for whom, when, and for how long; whatever wrote them. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Finding } from "../fit-report.ts";
import { isoTime } from "../tables/parse-time.ts";

/** `server` received a call, `client` made one; empty where the export does not say. */
export type SpanKind = "server" | "client" | "internal" | "";

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentId: string;
  /** Of a span that the gatherer is handed: empty where only its parent tells. */
  readonly service: string;
  readonly operation: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970, fractional. */
  readonly startMs: number;
  readonly endMs: number;
  readonly hasFailed: boolean;
  /** Whether the parent went on without waiting (a message, FOLLOWS_FROM). */
  readonly isAsync: boolean;
}

export const spanForms = [
  "X-Ray BatchGetTraces",
  "OpenTelemetry spans",
  "Jaeger traces",
  "CSV of spans",
] as const;

export type SpanForm = (typeof spanForms)[number];

export interface SpanFile {
  readonly file: string;
  readonly form: SpanForm;
  /** By start. */
  readonly spans: readonly Span[];
}

/** Slack of the clocks that stamped the spans against the one that reads them. */
const futureSlackMs = 86_400_000;
/** Stamps outside 1990 to 2100 are in another unit than the form demands. */
const [stampMinMs, stampMaxMs] = [631e9, 4102e9];

/** How far up the service of a span is looked for. */
const depthMax = 100;

/** Gathers spans as they are read; refuses what cannot be, and counts what is left out. */
export class SpanGatherer {
  readonly #file: string;
  readonly #spans = new Map<string, Span>();
  #repeats = 0;
  #unfinished = 0;
  #inferred = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Throws `spans.bad-time`, `spans.future-dated`, `spans.ends-early` and `spans.id-missing`, each with its place. */
  add(span: Span, at: string): void {
    const place = `${this.#file}${at}`;
    if (span.traceId === "" || span.spanId === "") {
      throw new TwinError({
        code: "spans.id-missing",
        problem: `A span${span.operation === "" ? "" : ` called "${span.operation}"`} has no ${span.traceId === "" ? "trace id" : "id of its own"}`,
        remedy:
          "Export whole traces: without ids nobody can tell who called whom; nothing was imported",
        at: place,
      });
    }
    for (const [name, ms] of [
      ["start", span.startMs],
      ["end", span.endMs],
    ] as const) {
      if (ms > stampMinMs && ms < stampMaxMs) continue;
      throw new TwinError({
        code: "spans.bad-time",
        problem: `The ${name} of span ${span.spanId} is ${Number.isFinite(ms) ? `${isoTimeOrNumber(ms)}, far from now` : "no time"}`,
        remedy:
          "X-Ray's times are in seconds, OpenTelemetry's in nanoseconds, Jaeger's in microseconds: correct the unit; nothing was imported",
        at: place,
      });
    }
    if (span.startMs > Date.now() + futureSlackMs) {
      throw new TwinError({
        code: "spans.future-dated",
        problem: `Span ${span.spanId} begins in the future, at ${isoTime(span.startMs)}`,
        remedy:
          "The clock of the host that wrote it is wrong: correct the times and import again; nothing was imported",
        at: place,
      });
    }
    if (span.endMs < span.startMs) {
      throw new TwinError({
        code: "spans.ends-early",
        problem: `Span ${span.spanId} ends ${(span.startMs - span.endMs).toPrecision(3)} ms before it begins`,
        remedy:
          "One clock writes both, so the file is damaged or its columns are exchanged: export it again; nothing was imported",
        at: place,
      });
    }
    const key = `${span.traceId} ${span.spanId}`;
    if (this.#spans.has(key)) this.#repeats += 1;
    this.#spans.set(key, span);
  }

  /** A span that was still running when it was exported. */
  leaveUnfinished(): void {
    this.#unfinished += 1;
  }

  /** A segment that only repeats what its caller said. */
  leaveInferred(): void {
    this.#inferred += 1;
  }

  #withService(span: Span): Span {
    let service = span.service;
    let above = span;
    for (let depth = 0; service === "" && depth < depthMax; depth += 1) {
      const parent = this.#spans.get(`${span.traceId} ${above.parentId}`);
      if (parent === undefined) break;
      service = parent.service;
      above = parent;
    }
    return service === span.service ? span : { ...span, service };
  }

  /** Throws `spans.none`. */
  finish(findings: Finding[]): readonly Span[] {
    const spans = [...this.#spans.values()]
      .map((span) => this.#withService(span))
      .sort((a, b) => a.startMs - b.startMs);
    if (spans.length === 0) {
      throw new TwinError({
        code: "spans.none",
        problem: `The export has no finished span${this.#unfinished > 0 ? `; ${this.#unfinished} were still running` : ""}`,
        remedy: "Export a time range in which requests were traced",
        at: this.#file,
      });
    }
    const tell = (severity: Finding["severity"], count: number, what: string) => {
      if (count > 0) findings.push({ severity, what: `${count} ${what}`, at: this.#file });
    };
    tell("warning", this.#repeats, "spans came more than once: the last one won");
    tell("rejected", this.#unfinished, "spans were still running when they were exported");
    tell(
      "note",
      this.#inferred,
      "inferred segments repeat what their callers say: not counted twice",
    );
    const ids = new Set(this.#spans.keys());
    const orphans = spans.filter(
      ({ parentId, traceId }) => parentId !== "" && !ids.has(`${traceId} ${parentId}`),
    );
    tell(
      "warning",
      orphans.length,
      "spans name a parent that the export does not hold: they count as called from outside",
    );
    return spans;
  }
}

function isoTimeOrNumber(ms: number): string {
  return Math.abs(ms) < 8.64e15 ? isoTime(ms) : String(ms);
}

/** Paths with their numbers and ids taken out, so that requests for many orders are one operation. */
export function operationOfPath(method: string, url: string): string {
  const path = url.replace(/^[a-z]+:\/\/[^/]+/i, "").split(/[?#]/)[0] ?? "";
  const plain = path
    .split("/")
    .map((part) =>
      /^\d+$/.test(part) ||
      /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(part) ||
      (/\d/.test(part) && part.length >= 12)
        ? "{id}"
        : part,
    )
    .join("/");
  return [method, plain === "" ? "/" : plain].filter((part) => part !== "").join(" ");
}

/** The same for a name that may hold a path: `POST /v1/order/17` becomes `POST /v1/order/{id}`. */
export function plainOperation(name: string): string {
  return name
    .split(" ")
    .map((word) =>
      word.startsWith("/") || word.includes("://") ? operationOfPath("", word) : word,
    )
    .join(" ");
}
