/** What every fit returns: one document for machines, and the same told to people. */
import type { Estimate } from "./estimate.ts";

/** Something about the data that their owner should know. */
export interface Finding {
  /** `note` changes nothing, `warning` weakens the fit, `rejected` was left out of it. */
  readonly severity: "note" | "warning" | "rejected";
  readonly what: string;
  /** File, line or group. */
  readonly at?: string;
}

export interface Verdict {
  readonly usableFor: readonly string[];
  readonly notUsableFor: readonly string[];
  /** The range of load, time or size that the data cover, in words. */
  readonly rangeSeen: string;
}

/** A table for people; machines read the fields of the document. */
export interface ReportTable {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

export interface FitReport {
  readonly kind: string;
  readonly files: readonly string[];
  readonly estimates: Readonly<Record<string, Estimate>>;
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
  /** Fields of the document that belong to this kind alone. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly tables: readonly ReportTable[];
}

/** Largest extrapolation beyond the load seen that a verdict still allows. */
export const extrapolationMax = 1.2;

/** The one JSON document of a fit. */
export function reportDocument(report: FitReport): Readonly<Record<string, unknown>> {
  const { kind, files, estimates, findings, verdict, details } = report;
  return { kind, files, estimates, ...details, findings, verdict };
}
