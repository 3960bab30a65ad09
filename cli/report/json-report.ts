/** A run for machines: what the text report says, with names that stay. */
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import type { ReportOptions } from "./text-report.ts";
import { timelineOf } from "./timeline.ts";
import { judgedOf, verdictOf } from "./verdict.ts";

export function jsonReport(recording: Recording, { recordingPath }: ReportOptions): object {
  const { head } = recording;
  const { kind, text } = verdictOf(judgedOf(recording));
  const { originUs, rows } = timelineOf(head, Number.POSITIVE_INFINITY);
  return {
    scenario: head.scenario.id,
    topology: head.topology.id,
    seed: head.seed,
    programVersion: head.programVersion,
    ...(head.orderFile === undefined ? {} : { orderFile: head.orderFile }),
    digest: head.digest,
    durationSeconds: head.durationUs / 1e6,
    ...(recordingPath === undefined ? {} : { recording: recordingPath }),
    verdict: kind,
    verdictText: text,
    firstFaultSeconds: originUs / 1e6,
    timeline: rows.map(({ atUs, lastUs, ...row }) => ({
      atSeconds: atUs / 1e6,
      lastSeconds: lastUs / 1e6,
      ...row,
    })),
    ...head.results,
  };
}
