import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** The tier that runs the matching engine: one active task, no standby, fenced by epoch. */
export interface MatchingServiceSpec extends ComponentSpecBase {
  readonly service: "matching-service";
  /** Zones in which its task may be placed; the first task stands in the first. */
  readonly zones: readonly string[];
  readonly vcpu: number;
  readonly memoryGb: number;
  /** Queue it takes commands from. */
  readonly queue: string;
  /** Log that makes a command count. */
  readonly journal: string;
  /** Data stream on which it publishes what was executed. */
  readonly stream: string;
  /** Receives that it keeps open at once. */
  readonly pollerCount: number;
  /** Seconds between durable snapshots of the books; recovery replays what came after the last. */
  readonly snapshotIntervalSeconds: number;
}
