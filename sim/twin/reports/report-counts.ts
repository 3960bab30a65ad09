import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { ExecutionReportResult } from "./report-types.ts";

/** What is counted of the venue's reports. */
export const count = {
  sent: 0,
  missed: 1,
  resent: 2,
  withdrawn: 3,
  /** Requests for a resend, and those that failed. */
  requests: 4,
  failed: 5,
  /** Sessions that miss something now, and the most so far. */
  withGap: 6,
  withGapMax: 7,
  /** Microseconds at which a session last had everything again; `none` before. */
  wholeUs: 8,
} as const;

type Count = (typeof count)[keyof typeof count];

/** Counts of reports and of the sessions that miss some. */
export class ReportCounts {
  readonly #counts: Float64Array;

  constructor(kernel: Kernel) {
    this.#counts = kernel.float64Array("reports.counts", Object.keys(count).length);
    this.#counts[count.wholeUs] = none;
  }

  add(which: Count): void {
    this.#counts[which] = this.#counts[which]! + 1;
  }

  of(which: Count): number {
    return this.#counts[which]!;
  }

  gapOpened(): void {
    this.add(count.withGap);
    this.#counts[count.withGapMax] = Math.max(this.of(count.withGapMax), this.of(count.withGap));
  }

  gapClosed(atUs: number): void {
    this.#counts[count.withGap] = this.of(count.withGap) - 1;
    this.#counts[count.wholeUs] = atUs;
  }

  /** `faultUs` is the instant of the first fault, or `none`. */
  results(faultUs: number): ExecutionReportResult {
    const stillMissing = this.of(count.missed) - this.of(count.resent) - this.of(count.withdrawn);
    const wholeUs = this.of(count.wholeUs);
    const isWhole = faultUs !== none && wholeUs !== none && stillMissing === 0;
    return {
      sent: this.of(count.sent),
      missed: this.of(count.missed),
      resent: this.of(count.resent),
      withdrawn: this.of(count.withdrawn),
      stillMissing,
      resendRequests: this.of(count.requests),
      resendsFailed: this.of(count.failed),
      sessionsWithGapMax: this.of(count.withGapMax),
      wholeAfterSeconds: isWhole ? (wholeUs - faultUs) / 1_000_000 : null,
    };
  }
}
