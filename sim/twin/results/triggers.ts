/**
 * What came of each alarm: when its metric went beyond the bound, when CloudWatch said so, when somebody or something
 * acted on that, when the action had taken effect, and when the alarm was over. The last four are events of the run; the
 * first is judged afterwards, since nobody on the platform sees a metric at the moment at which it turns bad.
 */
import type { AlarmSpec } from "../../components/cloudwatch/cloudwatch-spec.ts";
import type { LogEntry } from "../../components/fabric/event-log.ts";
import { none } from "../../kernel/none.ts";
import type { TriggerResult } from "../results-types.ts";

/** An alarm with what its metric showed, and the events by which it was raised. */
export interface WatchedTrigger {
  readonly spec: Pick<AlarmSpec, "id" | "component" | "metric" | "comparison" | "threshold">;
  readonly raises: readonly number[];
  /** Instants at which its metric went beyond the bound, in microseconds. */
  readonly breachesUs: readonly number[];
}

export interface TriggerSpan {
  /** First fault, or the end of the warm-up: what had been acted on before is no answer to it. */
  readonly fromUs: number;
  readonly entries: readonly LogEntry[];
}

/** Ends of the periods in which a metric was beyond its alarm's bound and in the one before it was not. */
export function breachesOf(
  { comparison, threshold }: Pick<AlarmSpec, "comparison" | "threshold">,
  values: readonly (number | null)[],
  periodUs: number,
): readonly number[] {
  const isBeyond = (value: number | null | undefined) => {
    if (value === null || value === undefined) return false;
    if (comparison === ">") return value > threshold;
    if (comparison === ">=") return value >= threshold;
    return comparison === "<" ? value < threshold : value <= threshold;
  };
  return values.flatMap((value, period) =>
    isBeyond(value) && !isBeyond(values[period - 1]) ? [(period + 1) * periodUs] : [],
  );
}

/** What came of an alarm since a fault; of one that stood when it struck, since that one began. */
export function followTrigger(
  { spec, raises, breachesUs }: WatchedTrigger,
  { fromUs, entries }: TriggerSpan,
): TriggerResult {
  const { id, component, metric, comparison, threshold } = spec;
  const raised = raiseSince(raises, fromUs, entries);
  const acted = raised === undefined ? undefined : actionOn(raised, entries);
  const effective = acted === undefined ? undefined : effectOf(acted, entries);
  const cleared =
    raised === undefined
      ? undefined
      : entries.find(({ kind, causeSeq }) => isCleared(kind) && causeSeq === raised.seq);
  const stood = raised !== undefined && raised.atUs < fromUs;
  const breach = stood
    ? breachesUs.findLast((atUs) => atUs <= raised.atUs)
    : breachesUs.find((atUs) => atUs >= fromUs);
  return {
    id,
    component,
    metric,
    comparison,
    threshold,
    breachedUs: breach ?? none,
    alarmed: stageOf(raised),
    acted: stageOf(acted),
    effective: stageOf(effective),
    cleared: stageOf(cleared),
  };
}

function stageOf(entry: LogEntry | undefined): TriggerResult["alarmed"] {
  return entry === undefined ? null : { atUs: entry.atUs, seq: entry.seq };
}

/** The first time that it was raised since the fault; otherwise the last one before, if it still stood. */
function raiseSince(
  raises: readonly number[],
  fromUs: number,
  entries: readonly LogEntry[],
): LogEntry | undefined {
  const found = raises.flatMap((seq) => entries[seq] ?? []);
  const before = found.findLast(({ atUs }) => atUs < fromUs);
  const endsUs = entries.find(
    ({ kind, causeSeq }) => isCleared(kind) && causeSeq === before?.seq,
  )?.atUs;
  const stands = before !== undefined && (endsUs === undefined || endsUs > fromUs);
  return stands ? before : found.find(({ atUs }) => atUs >= fromUs);
}

function isCleared(kind: string): boolean {
  return kind === "cloudwatch.alarm-cleared";
}

const heard = /^runbook\..+\.detected$/;
const carriedOut = /^runbook\..+\.carried-out$/;
const tookEffect = /^(ecs\.task-running|runbook\..+\.effective)$/;

/** A policy decides at once and names the alarm as its cause; people hear of it, and carry something out much later. */
function actionOn(raised: LogEntry, entries: readonly LogEntry[]): LogEntry | undefined {
  const policy = entries.find(
    ({ kind, causeSeq }) => kind.startsWith("auto-scaling.scale-") && causeSeq === raised.seq,
  );
  const told = entries.find(
    ({ kind, seq, value }) => heard.test(kind) && value === raised.seq && seq > raised.seq,
  );
  const done =
    told === undefined
      ? undefined
      : entries.find((entry) => carriedOut.test(entry.kind) && descendsFrom(entry, told, entries));
  if (policy === undefined || done === undefined) return policy ?? done;
  return policy.seq < done.seq ? policy : done;
}

function effectOf(acted: LogEntry, entries: readonly LogEntry[]): LogEntry | undefined {
  return entries.find(
    (entry) => tookEffect.test(entry.kind) && descendsFrom(entry, acted, entries),
  );
}

function descendsFrom(entry: LogEntry, ancestor: LogEntry, entries: readonly LogEntry[]): boolean {
  let seq = entry.causeSeq;
  while (seq > ancestor.seq) seq = entries[seq]!.causeSeq;
  return seq === ancestor.seq;
}
