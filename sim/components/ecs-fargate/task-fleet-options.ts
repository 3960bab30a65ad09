import type { HostPool } from "./host-pool.ts";
import type { TaskFleetValues } from "./task-fleet-parameters.ts";

/** What the owner of a fleet is told about its tasks. */
export interface TaskFleetHooks {
  /** A task has started and serves. */
  onRunning(instance: number, causeSeq: number): void;
  /** The control plane has given a task up: it died, or nothing is heard of it. It may still run where it stands. */
  onLost(instance: number, causeSeq: number): void;
  /** A task is about to be stopped in good order. True: the owner drains it and calls `drained` when done. */
  onStopping(instance: number, causeSeq: number): boolean;
  /** The last moment of a task that has run, however it came; its slot is given back afterwards. */
  onEnded?(instance: number, causeSeq: number): void;
  /** Whether a running task can stand in for one that is to be stopped; left out: any can. */
  isInService?(instance: number): boolean;
}

export interface TaskFleetOptions {
  /** Prefix of the fleet's names in kernel and log: the component's id. */
  readonly id: string;
  readonly component: number;
  /** Zones to spread over, by number. */
  readonly zones: readonly number[];
  /** Tasks wanted at the start; they stand and run when the run begins. */
  readonly taskCount: number;
  /** Most tasks there is room for, those being replaced included. */
  readonly tasksMax: number;
  readonly vcpu: number;
  /** Most frames inside one task. */
  readonly insideMax: number;
  /** Whether containers check themselves; without it a hung task is noticed by a load balancer only. */
  readonly containerHealthCheck: boolean;
  /** Whether an unhealthy task goes on until its replacement runs (maximum 200 %) or goes first (maximum 100 %). */
  readonly replacement: "start-first" | "stop-first";
  /** Whether tasks are moved when a zone holds two more than another. */
  readonly rebalancing: boolean;
  readonly values: TaskFleetValues;
  /** Room that a task takes on a host, where hosts are one's own. */
  readonly memoryGb?: number;
  /** Finds the hosts once all components are assembled; left out on Fargate. */
  readonly hosts?: () => HostPool;
}
