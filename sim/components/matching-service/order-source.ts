import type { Fabric } from "../fabric/fabric.ts";

/** What a matching service needs of the queue or topic that its commands come from; receives and deletes are calls. */
export interface OrderSource {
  /** Requests of the batch that `readBatch` read last. */
  readonly batch: Int32Array;
  /** Messages behind a receipt; 0 when it is no longer open. */
  countOf(receipt: number): number;
  /** Reads the messages behind a receipt into `batch`; returns how many there are, 0 when it is no longer open. */
  readBatch(receipt: number): number;
  /** Calls `visit` with the request of every message that waits, in order for each symbol. */
  forEachRequest(visit: (request: number) => void): void;
  /** People enter a request again with a tool of theirs; false when there is no room. Left out where nobody can. */
  enter?(request: number): boolean;
}

/** Components that call an operation of a component, as their calls declare it, in the order of the platform. */
export function readersOf(
  { components, sites }: Pick<Fabric, "components" | "sites">,
  component: number,
  operation: number,
): readonly number[] {
  const callers = new Set(
    sites
      .filter((site) => site.component === component && site.operation === operation)
      .map(({ caller }) => caller),
  );
  return components.map(({ index }) => index).filter((index) => callers.has(index));
}
