import type { Fabric } from "./fabric.ts";
import { status } from "./instances.ts";

/**
 * Event that explains why a control plane gets no answer from an instance: what happened to the instance, or, when
 * it runs as before, what happened to its zone.
 */
export function causeOfSilence(fabric: Fabric, instance: number): number {
  const { instances, zones } = fabric;
  const isUp = instances.column.status[instance] === status.up;
  return isUp
    ? zones.causeSeq[instances.column.zone[instance]!]!
    : instances.column.causeSeq[instance]!;
}
