import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A replication instance of AWS DMS with one task: ongoing changes of an Aurora cluster, applied to another database. */
export interface DmsSpec extends ComponentSpecBase {
  readonly service: "dms";
  /** Zone of the replication instance, and of its standby where it is Multi-AZ. */
  readonly zones: readonly string[];
  /** Aurora cluster whose write-ahead log it reads. The target is the call `apply` that the topology declares for it. */
  readonly source: string;
  /** Row by row in commits of the source, or in large batches that wait for each other. */
  readonly applies: "transactional" | "batch";
  /**
   * How the task of a lost instance without a standby is started: `resume` goes on where it was; `restart` makes a new replication
   * slot, and what was written meanwhile never reaches the target.
   */
  readonly afterLoss: "resume" | "restart";
}
