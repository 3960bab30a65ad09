import type { FailureManner } from "../fabric/instances.ts";

/** What a task takes of its host, and where its fleet may stand. */
export interface TaskRoom {
  /** Component whose tasks they are. */
  readonly service: string;
  readonly vcpu: number;
  readonly memoryGb: number;
  readonly zones: readonly number[];
}

/** A fleet as its hosts see it. */
export interface HostedFleet {
  /** A host has failed, and with it every task of the fleet on it. */
  hostFailed(host: number, manner: FailureManner, causeSeq: number): void;
}

/** Hosts of one's own (EC2) on which tasks are placed, in place of Fargate's. */
export interface HostPool {
  /**
   * Announces a fleet and the room that each of its tasks takes; returns the fleet's number. Throws when no host would
   * ever have that room. Assembly only.
   */
  join(fleet: HostedFleet, room: TaskRoom): number;
  /** Whether a host in the zone has room for a task of the fleet. */
  hasRoom(fleet: number, zone: number): boolean;
  /** Takes room for a task on the fullest host that has it; the host's handle, or `none`. */
  reserve(fleet: number, zone: number): number;
  /** Gives the room of a task back; without effect when the host is gone. */
  free(fleet: number, host: number): void;
  /** How many tasks of a fleet find no room, and why they are wanted. */
  want(fleet: number, taskCount: number, causeSeq: number): void;
}
