import type { CallingSpec } from "./calling-spec.ts";
import type { PartitionKey } from "./partition-law.ts";
import type { ServingSpec } from "./serving-spec.ts";

/** How the requests of a component are divided among copies of it. */
export interface PartitionsSpec {
  readonly count: number;
  /** What decides: the symbol that a request is about, or the user who sends it. */
  readonly by: Exclude<PartitionKey, "item">;
}

/** What every component of a topology says about itself; services add their own fields. */
export interface ComponentSpecBase {
  /** Unique in the topology, kebab-case; flows and faults name it. */
  readonly id: string;
  /** For people; the id when left out. */
  readonly title?: string;
  /** Numbers to use instead of the component's own, by parameter name. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** How its instances behave towards others that fail them: pauses, retry budgets, circuit breakers. */
  readonly calling?: CallingSpec;
  /** How its instances serve when much is asked of them: order of the line, shedding, limits, slowness under load. */
  readonly serving?: ServingSpec;
  /** The component stands for so many of its kind, each with its part of the symbols or users: `ID-1`, `ID-2`... */
  readonly partitions?: PartitionsSpec;
  /** The component stands for one in each of these regions (`ID-REGION`); its zones are then given without the region's name. */
  readonly inRegions?: readonly string[];
  /**
   * By home region: the region in which a standby of that region's component stands (`ID-REGION-standby`). What it stands by for
   * (`standbyFor`, `replicaOf`, `secondaryOf`) follows from the service.
   */
  readonly standbyIn?: Readonly<Record<string, string>>;
  /** Fields that differ in standbys. */
  readonly asStandby?: Readonly<Record<string, unknown>>;
  /** What differs by region: any fields of the component, and `partitionCount`. */
  readonly perRegion?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
