import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** What an event can be about: a command that the venue took, or a step of the market itself. */
export type EventName = "place" | "amend" | "cancel" | "market-step";

/** Where the events that match a rule go, and for how long that is tried. */
export interface EventTargetSpec {
  /** Name of an actor call that the topology declares for the bus. */
  readonly call: string;
  /** Tries after the first. The service's 185 when left out. */
  readonly retriesMax?: number;
  /** Seconds after which an event is given up. The service's 86,400 when left out; 60 at the least. */
  readonly eventAgeSecondsMax?: number;
  /** Whether what is given up goes to a dead-letter queue; it is dropped when left out. */
  readonly deadLetterQueue?: boolean;
}

/** Events that match are sent to every target of the rule. */
export interface EventRuleSpec {
  readonly id: string;
  /** What the event is about; everything when left out. */
  readonly events?: readonly EventName[];
  /** Symbols it is about, by number; all when left out. */
  readonly symbols?: readonly number[];
  readonly sendTo: readonly EventTargetSpec[];
}

/** A custom event bus. */
export interface EventBridgeSpec extends ComponentSpecBase {
  readonly service: "eventbridge";
  /** Zones with hosts of the service. */
  readonly zones: readonly string[];
  readonly rules: readonly EventRuleSpec[];
  /** Archives of what the bus takes; none when left out. */
  readonly archives?: readonly EventArchiveSpec[];
}

/** Keeps the events that match, so that people can send them again. */
export interface EventArchiveSpec {
  readonly id: string;
  /** What the event is about; everything when left out. */
  readonly events?: readonly EventName[];
  /** Symbols it is about, by number; all when left out. */
  readonly symbols?: readonly number[];
  /** Days after which an event is not in it any more; it stays for ever when left out. */
  readonly retentionDays?: number;
}
