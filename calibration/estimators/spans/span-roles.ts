/** Whether a span is the work of a service, or a call that the service waited for. */
import type { Span } from "../../spans/span.ts";

interface Placed {
  readonly span: Span;
  readonly parent: Placed | undefined;
  readonly children: readonly Placed[];
}

/** Whether a span is the execution of an operation, rather than a call seen by its caller or a step inside. */
export function isExecution(node: Placed): boolean {
  if (node.span.kind === "server") return true;
  if (node.span.kind === "client" || node.span.kind === "internal") return false;
  // Without a kind: the first span within a service is the execution.
  return node.parent === undefined || node.parent.span.service !== node.span.service;
}

/** Whether a span is a call to another service: the caller waits, and does not work. */
export function isCall(node: Placed): boolean {
  if (node.span.kind === "client") return true;
  return (
    node.span.kind === "" &&
    !isExecution(node) &&
    node.children.some((child) => child.span.service !== node.span.service)
  );
}
