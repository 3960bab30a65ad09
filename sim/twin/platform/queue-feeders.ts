import type { Topology } from "../topology-types.ts";

/**
 * Queues whose messages functions hand on into another queue: an order that they hold has been taken, and is not yet where the
 * engine looks for it.
 */
export function feedersOf({ components, actorCalls }: Topology, queue: string): readonly string[] {
  const queues = new Set(
    components.filter(({ service }) => service === "sqs-fifo").map(({ id }) => id),
  );
  return components.flatMap((component) => {
    if (component.service !== "lambda") return [];
    const own = actorCalls.find((each) => each.component === component.id)?.calls ?? {};
    return component.functions.flatMap(({ source, calls = [] }) => {
      const hands = calls.some(({ name }) => own[name]?.to === queue);
      return source !== undefined && queues.has(source) && hands ? [source] : [];
    });
  });
}
