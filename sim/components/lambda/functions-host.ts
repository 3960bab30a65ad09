import type { QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Environments } from "./environments.ts";
import type { LambdaParameters } from "./lambda-parameters.ts";
import type { PoisonedRecords } from "./poisoned-records.ts";

/** What its component keeps for all functions. */
export interface FunctionsHost {
  readonly environments: Environments;
  readonly parameters: LambdaParameters;
  readonly coldStartUs: QuantileTable;
  readonly draws: KeyedStream;
  /** Records that functions fail at. */
  readonly poisoned: PoisonedRecords;
  /** Number of the next invocation, or of the next call. */
  nextInvocation(): number;
  nextCall(): number;
  /** Share of the quota that the account has, above 1 once it was raised. */
  readonly quotaShare: number;
  /** Whether the account may run one execution more. */
  readonly hasRoom: boolean;
  takeLaunch(fn: number): boolean;
  invoked(isCold: boolean): void;
  throttled(): void;
  /** An invocation has ended: how long it took, how many records it finished, and whether it failed. */
  ended(fn: number, durationUs: number, records: number, failed: boolean): void;
  /** An invocation was not answered in time, and its environment is written off. */
  writtenOff(fn: number): void;
  /** Records that had left their stream before they were read. */
  skipped(records: number): void;
}
