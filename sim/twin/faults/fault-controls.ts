import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import type { Component } from "../../components/fabric/component.ts";
import { status } from "../../components/fabric/instances.ts";
import { TwinError } from "../../errors/twin-error.ts";
import { componentsOfCell } from "../platform/cells.ts";
import type { Copy } from "../platform/copies.ts";
import type { FaultControls } from "./fault-injector.ts";

/** A component that can be blinded: CloudWatch. */
interface Observability {
  setBlind(blind: boolean, causeSeq: number): void;
  setExtraLag(lateByUs: number, causeSeq: number): void;
}

/** A component whose hosts stand on racks: a capacity provider. */
interface OnRacks {
  hostsOnRackOf(host: number): readonly number[];
}

/**
 * Roles that instances can have, as components number them in `instances.column.role`. Whoever of the matching
 * service's tasks runs is the active one: it has no standby.
 */
const roleNumbers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  aurora: { reader: 0, writer: 1 },
  "aurora-limitless": { standby: 0, primary: 1, router: 2 },
  elasticache: { replica: 0, primary: 1 },
  "matching-service": { active: 0 },
};

function roleNumber({ id, service }: Component, role: string): number {
  const roles = roleNumbers[service] ?? {};
  const number = roles[role];
  if (number !== undefined) return number;
  throw new TwinError({
    code: "fault.role-unknown",
    problem: `Component "${id}" has no instances with the role "${role}"`,
    remedy: `Use one of ${Object.keys(roles).join(", ") || "no role at all"}`,
    at: "/faults",
  });
}

/** What faults can do, on an assembled platform. */
export function faultControls(
  fabric: AssembledFabric,
  clients: FaultControls["clients"],
  usualRetries: FaultControls["usualRetries"],
  copies: readonly Copy[],
): FaultControls {
  return {
    clients,
    usualRetries,
    instancesOf(id, role) {
      const component = fabric.component(id);
      const { column, slotsMax } = fabric.instances;
      const wanted = role === undefined ? undefined : roleNumber(component, role);
      const found: number[] = [];
      for (let slot = 0; slot < slotsMax; slot += 1) {
        const runs = column.status[slot] === status.up || column.status[slot] === status.draining;
        if (!runs || column.component[slot] !== component.index) continue;
        if (wanted === undefined || column.role[slot] === wanted) found.push(slot);
      }
      return found.sort((a, b) => column.startedUs[a]! - column.startedUs[b]! || a - b);
    },
    hostsOnRackOf(host) {
      const component = fabric.components[fabric.instances.column.component[host]!]!;
      return (component as unknown as OnRacks).hostsOnRackOf(host);
    },
    componentsOfCell: (cell) => componentsOfCell(copies, cell),
    freezeControlPlane(frozen, causeSeq, components) {
      for (const id of components) fabric.component(id).setControlPlaneFrozen?.(frozen, causeSeq);
    },
    disturbObservability(lateByUs, causeSeq) {
      for (const component of fabric.components) {
        if (component.service !== "cloudwatch") continue;
        const observability = component as unknown as Observability;
        observability.setBlind(lateByUs < 0, causeSeq);
        observability.setExtraLag(Math.max(0, lateByUs), causeSeq);
      }
    },
  };
}
