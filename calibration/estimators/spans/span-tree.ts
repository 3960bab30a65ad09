/** Spans with their parents and children found, and the time each spent by itself. */
import type { Span } from "../../spans/span.ts";
import { isCall, isExecution } from "./span-roles.ts";

export interface SpanNode {
  readonly span: Span;
  readonly parent: SpanNode | undefined;
  readonly children: readonly SpanNode[];
  /** Span minus the union of the calls it waited for, clipped to the span; milliseconds. */
  readonly selfMs: number;
  /** Whether a child stuck out of the span: two clocks that disagree. */
  readonly hasSkew: boolean;
}

interface Growing {
  readonly span: Span;
  parent: Growing | undefined;
  readonly children: Growing[];
  selfMs: number;
  hasSkew: boolean;
}

/** In the order of the spans, which is by start. A span whose parent is not there has none. */
export function spanTree(spans: readonly Span[]): readonly SpanNode[] {
  const nodes = spans.map(
    (span): Growing => ({ span, parent: undefined, children: [], selfMs: 0, hasSkew: false }),
  );
  const byId = new Map(nodes.map((node) => [`${node.span.traceId} ${node.span.spanId}`, node]));
  for (const node of nodes) {
    const { traceId, parentId, spanId } = node.span;
    if (parentId === "" || parentId === spanId) continue;
    node.parent = byId.get(`${traceId} ${parentId}`);
    node.parent?.children.push(node);
  }
  for (const node of nodes) {
    const { covered, sticksOut } = coveredMs(node);
    node.selfMs = Math.max(0, node.span.endMs - node.span.startMs - covered);
    node.hasSkew = sticksOut;
  }
  return nodes;
}

/** Slack for stamps that were rounded. */
const skewMs = 0.01;

/** Length of the union, not the sum, of the calls' times inside the span. Steps inside the service are its own work. */
function coveredMs(node: Growing): { covered: number; sticksOut: boolean } {
  const { span } = node;
  let covered = 0;
  let reached = span.startMs;
  for (const { startMs, endMs } of callsBeneath(node)) {
    const from = Math.max(reached, startMs);
    const to = Math.min(span.endMs, endMs);
    if (to <= from) continue;
    covered += to - from;
    reached = to;
  }
  const sticksOut = node.children.some(
    ({ span: child }) =>
      !child.isAsync &&
      (child.startMs < span.startMs - skewMs || child.endMs > span.endMs + skewMs),
  );
  return { covered, sticksOut };
}

/** Calls that were waited for, also those made by steps inside, in the order of their starts. */
function callsBeneath(node: Growing): readonly Span[] {
  const calls: Span[] = [];
  const seen = new Set<Growing>([node]);
  const open = [...node.children];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    // A span that is its own ancestor is met only once.
    if (at.span.isAsync || seen.has(at)) continue;
    seen.add(at);
    if (isCall(at) || isExecution(at)) calls.push(at.span);
    else open.push(...at.children);
  }
  return calls.sort((a, b) => a.startMs - b.startMs);
}

/** What came from outside: spans without a parent, or the first span of a trace that has none. */
export function requestsOf(spans: readonly Span[]): readonly Span[] {
  const first = new Map<string, Span>();
  const rooted = new Set<string>();
  for (const span of spans) {
    if (!first.has(span.traceId)) first.set(span.traceId, span);
    if (span.parentId === "") rooted.add(span.traceId);
  }
  return spans.filter(
    (span) =>
      span.parentId === "" || (!rooted.has(span.traceId) && first.get(span.traceId) === span),
  );
}
