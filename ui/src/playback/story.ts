/** One line that says what is happening now, for someone who sees the page for the first time. */
import type { EventRecord } from "../../../sim/twin/results-types.ts";
import { clocksAt } from "./clocks.ts";
import { eventWords, functionTitle, isDecision, isRelief } from "./markers.ts";
import { eventCountAt, type RecordingView } from "./recording-view.ts";

export interface Story {
  /** Instant that the sentence is about. */
  readonly atUs: number;
  readonly text: string;
}

export function storyAt(view: RecordingView, atUs: number): Story {
  const count = eventCountAt(view.events, atUs);
  let last: EventRecord | undefined;
  for (let at = count - 1; at >= 0 && last === undefined; at -= 1) {
    const event = view.events[at];
    if (event?.stage === "fault" && event.causeSeq < 0) last = event;
    else if (event !== undefined && (isRelief(event) || isDecision(event))) last = event;
  }
  const clocks = clocksAt(view, atUs);
  const out = clocks.filter(({ isRunning }) => isRunning);
  const outWords =
    out.length === 0
      ? ""
      : `${listed(out.map((clock) => functionTitle(clock.function).toLowerCase()))} out of service`;
  if (last === undefined) {
    const rate = view.head.scenario.workload.ratePerSecond;
    return {
      atUs,
      text: `${rate.toLocaleString("en-US")} requests a second; every function in service`,
    };
  }
  const backAgain = clocks.filter((clock) => clock.outage !== undefined && !clock.isRunning);
  const tail =
    outWords !== ""
      ? outWords
      : backAgain.length > 0
        ? "every function is back in service"
        : "every function in service";
  const words = isDecision(last)
    ? decisionWords(view, last)
    : faultWords(last, regionLost(view, last));
  return { atUs: last.atUs, text: `${words}; ${tail}` };
}

/** The region of a zone whose zones all met the same at the same instant; undefined for a zone alone. */
function regionLost(view: RecordingView, event: EventRecord): string | undefined {
  const region = view.head.zones.find(({ id }) => id === event.zone)?.region ?? "";
  const zones = view.head.zones.filter((zone) => zone.region === region);
  const struck = view.events.filter(
    ({ kind, atUs, zone }) =>
      kind === event.kind && atUs === event.atUs && zones.some(({ id }) => id === zone),
  );
  return region !== "" && zones.length > 1 && struck.length === zones.length ? region : undefined;
}

/** `People decided: lead users to the other region`, by the title of the runbook that they follow. */
function decisionWords(view: RecordingView, event: EventRecord): string {
  const [, id, step] = /^runbook\.([^.]+)\.(?:(.+)\.)?[^.]+$/.exec(event.kind) ?? [];
  if (step !== undefined) return `People carried out "${step.replace(/-/g, " ")}"`;
  const title = view.head.scenario.runbooks?.find((runbook) => runbook.id === id)?.title;
  return `People decided: ${(title ?? id ?? "").replace(/-/g, " ").toLowerCase()}`;
}

function faultWords(event: EventRecord, region: string | undefined): string {
  if (region !== undefined) return `Region ${eventWords({ ...event, place: region })}`;
  const isOfZone = event.zone !== "" && event.component === "" && event.place === event.zone;
  if (isOfZone) return `Zone ${eventWords(event)}`;
  return eventWords(event);
}

function listed(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
