import type { BusinessFunction } from "../topology-types.ts";

/** A time that people take: lognormal by median and 95th percentile, or always the median when there is no other. */
export interface HumanDelay {
  readonly medianSeconds: number;
  readonly p95Seconds?: number;
}

/** People who can be paged. */
export interface RoleSpec {
  /** Kebab-case, unique. */
  readonly id: string;
  readonly title?: string;
  /** How many are on call; one who follows a runbook can't follow another. 1 when left out. */
  readonly count?: number;
  /** From the page until somebody sits in front of a screen. */
  readonly paging: HumanDelay;
}

/** How people come to know that something is wrong; of several ways, the first counts. */
export type DetectionSpec =
  /** An alarm of CloudWatch: never, while that is blind. */
  | { readonly source: "alarm"; readonly alarm: string }
  /** A robot outside the platform that tries a function; the platform's own metrics are not needed. */
  | {
      readonly source: "probe";
      readonly function: BusinessFunction;
      readonly everySeconds: number;
      readonly failuresInARow: number;
    }
  /** Nothing is wrong: the runbook is planned, and begins some time after another was completed. */
  | { readonly source: "runbook"; readonly runbook: string; readonly after: HumanDelay }
  /** A client who calls, once the function has been out of service for so long without a break. */
  | {
      readonly source: "phone-call";
      readonly function: BusinessFunction;
      readonly after: HumanDelay;
    };

/** What people can do to the platform. Each acts through a mechanism of the component that it names. */
export type ActionSpec =
  | { readonly do: "inform" }
  | { readonly do: "shift-zone-away"; readonly component: string; readonly zone: string }
  | { readonly do: "end-zone-shift"; readonly component: string; readonly zone: string }
  | { readonly do: "promote-reader"; readonly component: string }
  | {
      readonly do: "scale-out";
      readonly component: string;
      readonly taskCount: number;
      /** Auto-scaling keeps at least as many from then on; left out, it may take idle tasks away again. */
      readonly raiseMinimum?: boolean;
    }
  /** What it runs on becomes so many times as large, once that has been built. */
  | { readonly do: "scale-up"; readonly component: string; readonly factor: number }
  /** So many times the throughput that a table or stream was declared with, at once. */
  | { readonly do: "raise-throughput"; readonly component: string; readonly factor: number }
  | { readonly do: "roll-back"; readonly component: string }
  | { readonly do: "restart"; readonly component: string; readonly count?: number }
  | { readonly do: "cut-load"; readonly component: string; readonly share: number }
  | { readonly do: "open-admission-gate"; readonly component: string }
  /** The secondary cluster of a global database takes writes from now on; what had not arrived is not in it. */
  | { readonly do: "promote-secondary"; readonly component: string }
  /** A standby engine takes the books over, from the journal and the snapshot as far as they have arrived. */
  | { readonly do: "rebuild-books"; readonly component: string }
  /** The public name leads users of one region to another. */
  | {
      readonly do: "fail-over-dns";
      readonly component: string;
      readonly fromRegion: string;
      readonly toRegion: string;
      readonly by: "record-edit" | "routing-control";
      /** Only users at home there; all that the name leads to `fromRegion` when left out. */
      readonly homeRegion?: string;
    }
  /** A new volume as it was so long before the first bad row; what was written since is not in it. */
  | {
      readonly do: "restore-from-backup";
      readonly component: string;
      readonly marginSeconds: number;
    }
  /** The matching service writes again, from its journal, the rows that a restored database lacks. */
  | { readonly do: "rewrite-rows"; readonly component: string; readonly database: string }
  /** Nothing but patience: until a region talks with another again. */
  | { readonly do: "wait-for-region"; readonly region: string; readonly otherRegion: string }
  /**
   * What stands only in the journal or the queue of the region that was left is entered again, in its old order, behind
   * everything that has happened since. Refused while the regions don't talk.
   */
  | { readonly do: "reconcile"; readonly component: string }
  /**
   * What was lost with its region and has come back becomes a copy of what took its place, a journal and its engine, or a
   * database cluster: what only it holds is set aside. Refused while the regions don't talk.
   */
  | { readonly do: "re-replicate"; readonly component: string }
  /** A standby takes the books over in good order from the owner, which is there: nothing is lost, and nothing happens twice. */
  | { readonly do: "hand-over"; readonly component: string }
  /** What lies in the dead-letter queue of a queue or a bus now is sent again, so many messages a second. */
  | { readonly do: "redrive"; readonly component: string; readonly messagesPerSecond?: number }
  /** The events of the last so many seconds are sent again out of an archive of a bus, to all its rules or to some. */
  | {
      readonly do: "replay-events";
      readonly component: string;
      readonly archive: string;
      readonly lookBackSeconds: number;
      readonly rules?: readonly string[];
    }
  /** The order service compares what it holds funds for with the venue's history and its queues, and lets go of the rest. */
  | { readonly do: "release-holds" }
  /** People look, one by one, at the trades that clients were told of and the history lost; over when all are decided. */
  | { readonly do: "settle-trades" }
  /** Order services send the symbols that one region keeps to the queues of another. */
  | {
      readonly do: "re-point";
      readonly fromRegion: string;
      readonly toRegion: string;
      /** Only symbols at home there; all that `fromRegion` keeps when left out. */
      readonly homeRegion?: string;
      /** Only those of one partition, from 1, of so many engines at home there; all when left out. */
      readonly partition?: { readonly number: number; readonly of: number };
    }
  | MarketActionSpec;

/** The market is led by hand from the first of these on, until it is opened. */
export type MarketAction = "halt-market" | "cancel-only" | "open-auction" | "open-market";

type MarketActionSpec = {
  readonly [Action in MarketAction]: { readonly do: Action; readonly component: string };
}[MarketAction];

/** One line of a runbook. */
export interface RunbookStepSpec {
  /** Kebab-case, unique in the runbook. */
  readonly id: string;
  readonly action: ActionSpec;
  /** How long people take to carry it out; what the platform takes to follow comes on top. */
  readonly execution: HumanDelay;
  /** Share of the attempts that fail, 0..1: a typo, a missing permission, an API that refuses. 0 when left out. */
  readonly failShare?: number;
  /** Further attempts after a failed one. 2 when left out. */
  readonly retriesMax?: number;
  /** Seconds after which a step that has no effect counts as failed. 900 when left out. */
  readonly giveUpAfterSeconds?: number;
  /** What is done instead, by mistake, and with what share of the attempts, 0..1. */
  readonly mistake?: { readonly share: number; readonly action: ActionSpec };
  /** Whether the runbook goes on when the step has failed for good; it stops when left out. */
  readonly optional?: boolean;
}

/** What people do about an outage: how they hear of it, who, how long they think, and what they do then. */
export interface RunbookSpec {
  /** Kebab-case, unique in the scenario. */
  readonly id: string;
  readonly title?: string;
  /** Role that is paged. */
  readonly onCall: string;
  readonly detection: readonly DetectionSpec[];
  /** From sitting down to knowing what is wrong. */
  readonly diagnosis: HumanDelay;
  /** Times as long while CloudWatch shows nothing, or shows it late. 3 when left out. */
  readonly blindFactor?: number;
  /** From knowing to having decided. */
  readonly decision: HumanDelay;
  /** Roles that must agree, one after the other, each paged first. */
  readonly approvals?: readonly { readonly by: string; readonly delay: HumanDelay }[];
  readonly steps: readonly RunbookStepSpec[];
}

/** Actions that a runbook can come to, mistakes included. */
export function actionsOf({ steps }: RunbookSpec): readonly ActionSpec[] {
  return steps.flatMap(({ action, mistake }) =>
    mistake === undefined ? [action] : [action, mistake.action],
  );
}
