/** Which operation calls which, how often, and what lies between a call and its service. */
import { isCall, isExecution } from "./span-roles.ts";
import type { SpanNode } from "./span-tree.ts";

/** Where work is done: a service, or what it calls without a span of its own (a database, a queue). */
export interface CallEdge {
  readonly caller: string;
  readonly callee: string;
  readonly calls: number;
  /** Calls for each execution of the caller. */
  readonly callsPerExecution: number;
  readonly failed: number;
  /** Mean milliseconds that the caller waited. */
  readonly meanMs: number;
  /** Mean milliseconds of them that the callee knew nothing of: network and queue; `null` without the callee's span. */
  readonly betweenMs: number | null;
}

/** `orders POST /v1/order`. */
export function operationName({ span }: SpanNode): string {
  return `${span.service} ${span.operation}`;
}

/** The execution that a span belongs to, itself included. */
function executionOf(node: SpanNode): SpanNode | undefined {
  const seen = new Set<SpanNode>();
  for (let at: SpanNode | undefined = node; at !== undefined && !seen.has(at); at = at.parent) {
    if (isExecution(at)) return at;
    seen.add(at);
  }
  return undefined;
}

/** By calls, most first; ties by name. */
export function callGraph(nodes: readonly SpanNode[]): readonly CallEdge[] {
  const executions = new Map<string, number>();
  const found = new Map<
    string,
    { caller: string; callee: string; calls: number; failed: number; ms: number; between: number[] }
  >();
  for (const node of nodes) {
    if (isExecution(node)) {
      const name = operationName(node);
      executions.set(name, (executions.get(name) ?? 0) + 1);
    }
    const call = callOf(node);
    if (call === undefined) continue;
    const key = `${call.caller} -> ${call.callee}`;
    const edge = found.get(key) ?? { ...call, calls: 0, failed: 0, ms: 0, between: [] };
    found.set(key, edge);
    edge.calls += 1;
    edge.failed += node.span.hasFailed ? 1 : 0;
    edge.ms += node.span.endMs - node.span.startMs;
    if (call.betweenMs !== undefined) edge.between.push(call.betweenMs);
  }
  return [...found.values()]
    .map(({ caller, callee, calls, failed, ms, between }) => ({
      caller,
      callee,
      calls,
      callsPerExecution: calls / Math.max(1, executions.get(caller) ?? 0),
      failed,
      meanMs: ms / calls,
      betweenMs:
        between.length === 0
          ? null
          : between.reduce((total, each) => total + each, 0) / between.length,
    }))
    .sort(
      (a, b) =>
        b.calls - a.calls || (`${a.caller} ${a.callee}` < `${b.caller} ${b.callee}` ? -1 : 1),
    );
}

/** A call as its caller saw it, or as its callee did where the caller left no span of its own. */
function callOf(node: SpanNode) {
  const above = node.parent && executionOf(node.parent);
  if (above === undefined) return undefined;
  const answer = node.children.find(
    (child) => isExecution(child) && child.span.service !== node.span.service,
  );
  if (isCall(node)) {
    return {
      caller: operationName(above),
      callee: answer === undefined ? node.span.operation : operationName(answer),
      betweenMs:
        answer === undefined || answer.span.isAsync
          ? undefined
          : Math.max(
              0,
              node.span.endMs - node.span.startMs - (answer.span.endMs - answer.span.startMs),
            ),
    };
  }
  const isDirect =
    isExecution(node) &&
    (node.parent === undefined || isExecution(node.parent) || node.parent.span.kind === "internal");
  return isDirect
    ? { caller: operationName(above), callee: operationName(node), betweenMs: undefined }
    : undefined;
}
