import type { MatchingEngine } from "../../engine/matching-engine.ts";

/** What the twin wants to hear, for the ledger; components never see it. */
export interface MatchingObserver {
  /** The engine of the active owner executed a request for the first time in its history. */
  executed(request: number): void;
  /** The active owner has heard that a command which it executed is durable. */
  acknowledged?(command: number): void;
  /** An owner has recovered its books from a snapshot and the journal. */
  recovered(engine: MatchingEngine, position: number): void;
  /** In a turn of its own, after `askForCorrections`: commands of the venue itself that the engine is to execute. */
  corrections?(engine: MatchingEngine): readonly number[];
}
