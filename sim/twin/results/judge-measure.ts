import { TwinError } from "../../errors/twin-error.ts";
import { isCopyOf } from "../platform/copies.ts";
import type { ObjectiveResult } from "../results-types.ts";
import type { MeasuredChannel, MeasureObjective } from "./objective-types.ts";

/** What was recorded, as far as a measure looks at it. */
export interface RecordedSpan {
  readonly channels: readonly {
    readonly component: string;
    readonly name: string;
    readonly unit: string;
    readonly frames: Float32Array | Float64Array;
  }[];
  readonly frameStepUs: number;
  /** Instant from which the objective's seconds count. */
  readonly fromUs: number;
}

/** Measures a bound on recorded quantities: channels added up, over a span that ends with the run at the latest. */
export function judgeMeasure(objective: MeasureObjective, recorded: RecordedSpan): ObjectiveResult {
  const { id, title, take, fromSeconds, toSeconds, atLeast, atMost } = objective;
  const parts = objective.channels.flatMap((wanted) =>
    channelsOf(wanted, recorded).map((found) => ({
      ...found,
      sign: wanted.minus === true ? -1 : 1,
    })),
  );
  const last = Math.max(0, ...parts.map(({ frames }) => frames.length - 1));
  const frameAt = (seconds: number) =>
    Math.min(last, Math.floor((recorded.fromUs + seconds * 1_000_000) / recorded.frameStepUs));
  const [from, to] = [frameAt(fromSeconds), frameAt(toSeconds)];
  const at = (frame: number) =>
    parts.reduce((sum, { frames, sign }) => sum + sign * (frames[frame] ?? 0), 0);
  const spanSeconds = ((to - from) * recorded.frameStepUs) / 1_000_000;
  const measured = taken(take, { at, from, to, spanSeconds });
  const tooLittle = atLeast !== undefined && measured < atLeast;
  const limit = atMost === undefined || tooLittle ? (atLeast ?? 0) : atMost;
  const met = !tooLittle && (atMost === undefined || measured <= atMost);
  const unit = `${parts[0]?.unit ?? ""}${take === "rate" ? "/s" : ""}`;
  const bounds = [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ].join(" and ");
  return {
    id,
    kind: "measure",
    met,
    unit,
    measured,
    limit,
    because: `${title}: ${rounded(measured)} ${unit} (${takeWords[take]}, ${fromSeconds} s to ${toSeconds} s after the fault) against ${bounds}.`,
    evidence: [],
  };
}

const takeWords: Readonly<Record<MeasureObjective["take"], string>> = {
  end: "as it stood at the end",
  largest: "the most",
  growth: "the growth",
  rise: "the rise above the beginning",
  rate: "a second in the mean",
};

function taken(
  take: MeasureObjective["take"],
  {
    at,
    from,
    to,
    spanSeconds,
  }: { at: (frame: number) => number; from: number; to: number; spanSeconds: number },
): number {
  if (take === "end") return at(to);
  if (take === "growth") return at(to) - at(from);
  if (take === "rate") return spanSeconds === 0 ? 0 : (at(to) - at(from)) / spanSeconds;
  let largest = at(from);
  for (let frame = from; frame <= to; frame += 1) largest = Math.max(largest, at(frame));
  return take === "rise" ? largest - at(from) : largest;
}

/** The channel of the component, or of each of its copies. */
function channelsOf(
  { component = "", channel }: MeasuredChannel,
  { channels }: Pick<RecordedSpan, "channels">,
): RecordedSpan["channels"] {
  return channels.filter((each) => each.name === channel && isCopyOf(each.component, component));
}

/** A measure that looks at nothing would be met, or missed, for no reason. */
export function refuseUnknownChannels(
  objectives: readonly { readonly kind: string }[],
  channels: readonly { readonly component: string; readonly name: string }[],
): void {
  for (const [index, objective] of objectives.entries()) {
    if (objective.kind !== "measure") continue;
    const { id, channels: wanted } = objective as MeasureObjective;
    for (const [at, { component = "", channel }] of wanted.entries()) {
      const own = channels.filter((each) => isCopyOf(each.component, component));
      if (own.some(({ name }) => name === channel)) continue;
      const names = [...new Set(own.map(({ name }) => name))];
      throw new TwinError({
        code: "scenario.channel-unknown",
        problem: `Objective "${id}" measures "${channel}", which is not recorded of ${component === "" ? "the run" : `"${component}"`}`,
        remedy: `Use one of ${names.join(", ")}`,
        at: `/objectives/${index}/channels/${at}/channel`,
      });
    }
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
