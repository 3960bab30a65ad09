import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import type { ChangeLog } from "./change-log.ts";

/** What the figures are read off. */
export interface DmsFigures {
  readonly id: string;
  readonly index: number;
  readonly log: ChangeLog;
  readonly capturedCount: number;
  readonly appliedCount: number;
  readonly missingCount: number;
  readonly waitingToApply: number;
  readonly sourceLatencySeconds: number;
  readonly targetLatencySeconds: number;
  /** Whether the task runs: one that does not tells nothing. */
  readonly isRunning: boolean;
}

const period = { written: 0, captured: 1, applied: 2 } as const;

/** What the recording shows of a change capture. */
export function dmsChannels(dms: DmsFigures): readonly Channel[] {
  return [
    levelChannel("source latency", "s", () => dms.sourceLatencySeconds),
    levelChannel("target latency", "s", () => dms.targetLatencySeconds),
    levelChannel("changes not captured", "changes", () => dms.log.end - dms.capturedCount),
    levelChannel("changes not applied", "changes", () => dms.log.end - dms.appliedCount),
    countChannel("changes applied", "changes", () => dms.appliedCount - dms.missingCount),
    countChannel("changes missing", "changes", () => dms.missingCount),
  ];
}

/** CloudWatch's metrics of the task. */
export function publishDmsMetrics(fabric: Fabric, dms: DmsFigures): void {
  const { metrics, kernel } = fabric;
  const gains = new PeriodGains(kernel, `${dms.id}.metric-totals`, Object.keys(period).length);
  const source = { namespace: "AWS/DMS", component: dms.index } as const;
  const level = (name: string, unit: "Seconds" | "Count", sample: () => number) =>
    metrics.add({
      ...source,
      name,
      unit,
      isLevel: true,
      sample: () => (dms.isRunning ? sample() : Number.NaN),
    });
  const gain = (name: string, position: number, total: () => number) =>
    metrics.add({
      ...source,
      name,
      unit: "Count",
      sample: () => Math.max(0, gains.gain(position, total())),
    });
  level("CDCLatencySource", "Seconds", () => dms.sourceLatencySeconds);
  level("CDCLatencyTarget", "Seconds", () => dms.targetLatencySeconds);
  level("CDCChangesMemoryTarget", "Count", () => dms.waitingToApply);
  gain("CDCIncomingChanges", period.written, () => dms.log.end);
  gain("CDCThroughputRowsSource", period.captured, () => dms.capturedCount);
  gain("CDCThroughputRowsTarget", period.applied, () => dms.appliedCount - dms.missingCount);
}
