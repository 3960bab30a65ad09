import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** The durable command log of the matching service. */
export interface JournalSpec extends ComponentSpecBase {
  readonly service: "journal";
  /**
   * Zones that hold a copy. With three, a write is durable when a majority has it; with one, the journal lives and
   * goes dark with its zone.
   */
  readonly zones: readonly string[];
  /** Whether a copy is still there when power returns (a volume) or gone with its host (a task's own disk). */
  readonly survivesPowerLoss: boolean;
  /**
   * Journal in another region that it is a copy of, kept up asynchronously. Nobody appends to it until it is promoted;
   * from then on it is the venue's history, and the other's owner is fenced once the regions talk again.
   */
  readonly replicaOf?: string;
}
