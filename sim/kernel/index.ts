export {
  type ArrivalProcess,
  arrivalMistakes,
  meanRatePerSecond,
  type RateStep,
} from "./arrivals/arrival-process.ts";
export { assert, assertNever } from "./assert.ts";
export { cdf } from "./distributions/cdf.ts";
export type { Distribution, MixturePart } from "./distributions/distribution.ts";
export { lognormalFromQuantiles } from "./distributions/lognormal-from-quantiles.ts";
export { distributionMistakes } from "./distributions/mistakes.ts";
export { mean, variance } from "./distributions/moments.ts";
export { quantile } from "./distributions/quantile.ts";
export { compileQuantiles, type QuantileTable } from "./distributions/quantile-table.ts";
export type { TracedEvent } from "./event-trace.ts";
export {
  type ArrivalSource,
  type BatchMeans,
  type Bitset,
  type ColumnArrays,
  type ColumnKind,
  type Columns,
  type Counter,
  createKernel,
  type EventHandle,
  type EventRun,
  type HandlerId,
  type IntMap,
  type IntQueue,
  type Kernel,
  type KernelOptions,
  type KeyedStream,
  type Level,
  noEvent,
  type Pool,
  type Rate,
  type Registered,
  type RestoreRandom,
  type Ring,
  type StateMachine,
  type Stream,
  type Table,
  type Tally,
} from "./kernel.ts";
export { KernelError } from "./kernel-error.ts";
export { none } from "./none.ts";
export { Histogram } from "./statistics/histogram.ts";
export {
  type Confidence,
  type Interval,
  pairedInterval,
  replicationInterval,
} from "./statistics/intervals.ts";
export { mser } from "./statistics/mser.ts";
export { roundUs, type SimUs, timeUsMax } from "./units.ts";
