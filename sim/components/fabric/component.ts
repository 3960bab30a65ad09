import type { Parameter } from "../../facts/parameter.ts";
import type { CallSpec, Operation } from "./call-sites.ts";
import type { Channel } from "./channel.ts";
import type { FailureManner } from "./instances.ts";

/** What is wrong with a release of a service's program; a good one is `soundRelease`. */
export interface Release {
  /** Times as long for all work; 1 is as usual. */
  readonly slowFactor: number;
  /** Microseconds after which a task of it crashes; never when left out. */
  readonly crashAfterUs?: number;
}

/** A release with which nothing is wrong. */
export const soundRelease: Release = { slowFactor: 1 };

/** A call that a component declares for itself. */
export interface OwnCall {
  readonly name: string;
  readonly call: CallSpec;
}

/**
 * A service of the platform: a queueing node with a data plane (instances that serve frames) and a control plane
 * (what launches, scales and fails them over). The call runtime drives the data plane through this interface.
 */
export interface Component {
  readonly id: string;
  /** Folder name of the service, such as `sqs-fifo`. */
  readonly service: string;
  readonly index: number;
  readonly operations: readonly Operation[];
  /**
   * Whether its calls to databases carry rows of many users: `data` is the place of the first of them in a log, and `itemCount` says how
   * many follow. All others write rows of the user of the request that `data` names.
   */
  readonly writesRowsOfManyUsers?: boolean;
  /**
   * A station that delays a call and hands it on (an edge, a gateway, a balancer). It decides when the call is sent to
   * it, some milliseconds early, and its delay is carried forward to the next station that has a waiting line or
   * commits something: no event of its own. See docs/decisions/0006.
   */
  readonly passesThrough?: boolean;
  /** Instance that a call from `callerInstance` (or `none`: a client) in `callerZone` goes to; `none` when there is no one to ask. */
  route(callerInstance: number, callerZone: number, frame: number): number;
  /** Called when a frame arrives, before any work; anything but `outcome.ok` turns it away, `outcome.parked` with silence. */
  admit?(frame: number, instance: number): number;
  /** Called when the work of an operation that `decides` is done; `outcome.parked` keeps the frame until `complete`. */
  worked?(frame: number, instance: number): number;
  /** Called when a frame ends in good order, with all calls of its own behind it, just before the answer leaves. */
  answering?(frame: number, instance: number, result: number): void;
  /** Called for frames begun with `startActor` when a call of theirs has ended. */
  resumed?(actor: number, site: number, result: number, childData: number): void;
  /** Called instead of delivery for operations that are sent through a client-side buffer. */
  intercept?(frame: number, callerInstance: number): boolean;
  /** A call from `callerInstance` to this component failed or timed out; connections and cached names may be given up. */
  callFailed?(callerInstance: number, site: number, result: number): void;
  /** An instance of this component has failed; start what would notice and mend it. */
  instanceFailed(instance: number, manner: FailureManner, causeSeq: number): void;
  /** Power is back where a dark instance stood. */
  powerRestored(instance: number, causeSeq: number): void;
  /** Freezes or frees the control plane: no launches, no replacements, no scaling; what serves goes on serving. */
  setControlPlaneFrozen?(frozen: boolean, causeSeq: number): void;
  /** Leaves the service a share of its quota, 0..1; 1 is all of it. Only services with a quota have it. */
  setQuotaShare?(share: number): void;
  /** Whether new tasks find hosts in a zone. Only services that launch tasks have it. */
  setZoneCapacity?(zone: number, available: boolean): void;
  /** Replaces its tasks, one after the other, by tasks of another release; returns its number. Only services that launch tasks have it. */
  deploy?(release: Release, causeSeq: number): number;
  /** Number of the release that was deployed last, 0 before any. Only services that launch tasks have it. */
  readonly releaseNumber?: number;
  /** Calls it makes on its own account whatever the topology declares (health checks); found with `actorSite`. */
  ownCalls?(): readonly OwnCall[];
  /** Channels for the recording. */
  channels(): readonly Channel[];
  /** Numbers this component works with. */
  parameters(): Readonly<Record<string, Parameter>>;
  /** Begin periodic work; called once, after all components are assembled. */
  start(): void;
}
