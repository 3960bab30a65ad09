/** The load as it was measured, in the form of a scenario. */

import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import type { FaultSpec } from "../../sim/twin/faults/fault-types.ts";
import type { RequestName } from "../../sim/twin/topology-types.ts";
import { orderShareOf } from "./estimate-parameters.ts";
import type { Parameter } from "./parameter.ts";

const orderKinds: readonly string[] = ["place", "cancel", "amend"] satisfies RequestName[];

/** Replaces what was identified; kinds of request keep their proportions among orders and among the rest. */
export function calibratedWorkload(
  workload: WorkloadSpec,
  parameters: readonly Parameter[],
): WorkloadSpec {
  const identifiedOf = (name: string) => {
    const estimate = parameters.find((each) => each.name === name)?.estimate;
    return estimate?.state === "identified" ? estimate.value : null;
  };
  const base = loggedMix(workload, parameters);
  const before = orderShareOf(base);
  const share = Math.min(1, identifiedOf("workload.order-share") ?? before);
  const mix = Object.fromEntries(
    Object.entries(base).map(([kind, part]) => [
      kind,
      orderKinds.includes(kind) ? (part * share) / before : (part * (1 - share)) / (1 - before),
    ]),
  );
  const canScale = before > 0 && before < 1;
  return {
    ...workload,
    ratePerSecond: identifiedOf("workload.rate-per-second") ?? workload.ratePerSecond,
    selfExcitation: identifiedOf("workload.self-excitation") ?? workload.selfExcitation,
    excitationDecaySeconds:
      identifiedOf("workload.excitation-decay-seconds") ?? workload.excitationDecaySeconds,
    symbolSkew: identifiedOf("workload.symbol-skew") ?? workload.symbolSkew,
    mix: canScale ? mix : base,
  };
}

/** The mix of an access log where each kind that it shows is identified; the scenario's otherwise. */
function loggedMix(
  { mix }: WorkloadSpec,
  parameters: readonly Parameter[],
): Readonly<Record<string, number>> {
  const prefix = "workload.mix.";
  const kinds = parameters.filter(({ name }) => name.startsWith(prefix));
  const total = kinds.reduce((sum, { estimate }) => sum + (estimate.value ?? 0), 0);
  if (!(total > 0) || kinds.some(({ estimate }) => estimate.state !== "identified")) return mix;
  return Object.fromEntries(
    kinds.map(({ name, estimate }) => [name.slice(prefix.length), estimate.value! / total]),
  );
}

/** The counts of periods, one after another, as changes of the load; the first begins at the start. */
export function loadAsSeen(
  counts: ArrayLike<number>,
  periodSeconds: number,
  ratePerSecond: number,
): readonly FaultSpec[] {
  return Array.from(counts, (count, at) => ({
    id: `load-${at + 1}`,
    kind: "load-change" as const,
    atSeconds: at * periodSeconds,
    durationSeconds: periodSeconds,
    factor: (Number.isFinite(count) ? count : 0) / (ratePerSecond * periodSeconds),
  })).filter(({ factor }) => factor > 0);
}
