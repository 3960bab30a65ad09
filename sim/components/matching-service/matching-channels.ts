import type { MatchingEngine } from "../../engine/matching-engine.ts";
import type { TaskFleet } from "../ecs-fargate/task-fleet.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";

/** What is shown of a matching service. */
export interface MatchingFigures {
  readonly fleet: TaskFleet;
  readonly engine: MatchingEngine;
  /** A symbol whose market it is; all of its symbols are in one state. */
  readonly anySymbol: number;
  readonly stageOfRecovery: () => number;
  readonly executedCount: () => number;
  readonly duplicateCount: () => number;
  readonly notPersistedCount: () => number;
}

/** Channels of a matching service for the recording. */
export function matchingChannels(figures: MatchingFigures): readonly Channel[] {
  const { fleet, engine, anySymbol } = figures;
  const count = (name: string, read: () => number): Channel => countChannel(name, "commands", read);
  return [
    levelChannel("tasks-running", "tasks", () => fleet.runningCount),
    levelChannel("tasks-starting", "tasks", () => fleet.pendingCount),
    levelChannel("stage of recovery", "0 none .. 6 running", figures.stageOfRecovery),
    count("executed", figures.executedCount),
    count("duplicates dropped", figures.duplicateCount),
    levelChannel("not persisted yet", "commands", figures.notPersistedCount),
    levelChannel(
      "market state",
      "0 pre-open, 1 auction, 2 continuous, 3 halted, 4 cancel-only",
      () => engine.phaseOf(anySymbol),
    ),
    levelChannel("open orders", "orders", () => engine.openOrderCount),
  ];
}
