import type { OrderFlow } from "../clients/order-flow.ts";
import type { Scenario } from "../scenario-types.ts";
import type { Topology } from "../topology-types.ts";

/** What decides a run, besides the program. */
export interface RunInputs {
  readonly scenario: Scenario;
  readonly topology: Topology;
  readonly seed: string;
  readonly orderFlow?: OrderFlow;
}

/**
 * The inputs as text that is the same for equal inputs, however their keys are ordered: what a finished run is kept
 * under. `program` names the program's code, not only its version. `orderFileHash` stands for the replayed orders.
 */
export function inputText(options: {
  readonly program: string;
  readonly scenario: Scenario;
  readonly topology: Topology;
  readonly seed: string;
  readonly orderFileHash: string | undefined;
  /** Seed and instant in microseconds of a shared warm-up that the run branches from. */
  readonly warmUp: { readonly seed: string; readonly atUs: number } | undefined;
}): string {
  const { program, scenario, topology, seed, orderFileHash, warmUp } = options;
  return canonical({ program, scenario, topology, seed, orderFileHash, warmUp });
}

/** JSON with keys in sorted order and without undefined fields. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
  return `{${fields.join(",")}}`;
}
