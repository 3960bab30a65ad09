import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** The tier that runs the matching engine: one active task, no standby, fenced by epoch. */
export interface MatchingServiceSpec extends ComponentSpecBase {
  readonly service: "matching-service";
  /** Zones in which its task may be placed; the first task stands in the first. */
  readonly zones: readonly string[];
  readonly vcpu: number;
  readonly memoryGb: number;
  /** Hosts of one's own (an ec2-capacity-provider) that its task is placed on; Fargate's when left out. */
  readonly capacityProvider?: string;
  /** Queue it takes commands from. */
  readonly queue: string;
  /** Log that makes a command count. */
  readonly journal: string;
  /** Data stream, topic or event bus on which it publishes what was executed. */
  readonly stream: string;
  /** Receives that it keeps open at once. */
  readonly pollerCount: number;
  /** Seconds between durable snapshots of the books; recovery replays what came after the last. */
  readonly snapshotIntervalSeconds: number;
  /**
   * Whether the engine keeps a log of the client order ids that it has executed and drops what comes again, however late.
   * Without it only the queue's window protects from doubles. True when left out.
   */
  readonly requestLog?: boolean;
  /** Tasks at the start: none for a service that is scaled out only when it is needed. 1 when left out. */
  readonly taskCount?: 0 | 1;
  /**
   * Matching service in another region whose books it takes over when people say so. Until then it owns none. Its journal
   * is a copy of the other's (`replicaOf`), and the other's snapshots are copied to it.
   */
  readonly standbyFor?: string;
}
