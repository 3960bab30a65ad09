/** What came of each alarm of a run: beyond its bound, alarmed, acted on, effective, over. */
import type { RecordingView } from "./recording-view.ts";

export const triggerStages = ["breached", "alarmed", "acted", "effective"] as const;
export type TriggerStageName = (typeof triggerStages)[number];

export const stageSymbols: Readonly<Record<TriggerStageName, string>> = {
  breached: "○",
  alarmed: "◆",
  acted: "■",
  effective: "●",
};

export interface TriggerStageView {
  readonly name: TriggerStageName;
  readonly atUs: number;
  /** Event that shows it; undefined for the breach, which nobody on the platform saw. */
  readonly seq: number | undefined;
}

export interface TriggerView {
  readonly id: string;
  /** `Order service CPUUtilization > 70 %`. */
  readonly title: string;
  /** In the order in which they came; never empty. */
  readonly stages: readonly TriggerStageView[];
  /** When the alarm was over; the run's end for one that was not, its last stage for one that never rang. */
  readonly endUs: number;
}

export function hasRung({ stages }: TriggerView): boolean {
  return stages.some(({ name }) => name === "alarmed");
}

/** Alarms whose metric was beyond its bound, in the order in which that happened. Judged when a run has ended. */
export function triggersOf(view: RecordingView): readonly TriggerView[] {
  const triggers = view.head.results?.triggers ?? [];
  return triggers
    .flatMap((trigger): readonly TriggerView[] => {
      const { id, component, metric, comparison, threshold, breachedUs } = trigger;
      const stages: TriggerStageView[] =
        breachedUs < 0 ? [] : [{ name: "breached", atUs: breachedUs, seq: undefined }];
      for (const name of ["alarmed", "acted", "effective"] as const) {
        const stage = trigger[name];
        if (stage !== null) stages.push({ name, ...stage });
      }
      const last = stages.at(-1);
      if (last === undefined) return [];
      const place = view.byId.get(component)?.title ?? component;
      const bound = boundText(metric, threshold);
      const endUs =
        trigger.cleared?.atUs ?? (trigger.alarmed === null ? last.atUs : view.head.durationUs);
      return [
        {
          id,
          title: `${place === "" ? "" : `${place} `}${metric} ${comparison} ${bound}`,
          stages,
          endUs: Math.max(endUs, last.atUs),
        },
      ];
    })
    .sort((a, b) => (a.stages[0]?.atUs ?? 0) - (b.stages[0]?.atUs ?? 0));
}

/** `70 %`, `1,000`: what CloudWatch calls a utilization is in percent. */
function boundText(metric: string, threshold: number): string {
  return threshold.toLocaleString("en-US") + (metric.endsWith("Utilization") ? "\u00a0%" : "");
}
