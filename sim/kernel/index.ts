export { assert, assertNever } from "./assert.ts";
export type { ColumnArrays, ColumnKind, Columns } from "./containers/columns.ts";
export type { Registered } from "./containers/registered.ts";
export type { Distribution, MixturePart } from "./distributions/distribution.ts";
export { lognormalFromQuantiles } from "./distributions/lognormal-from-quantiles.ts";
export { quantile } from "./distributions/quantile.ts";
export { compileQuantiles, type QuantileTable } from "./distributions/quantile-table.ts";
export {
  createKernel,
  type EventHandle,
  type EventRun,
  type HandlerId,
  type Kernel,
  type KernelOptions,
  noEvent,
  type RestoreRandom,
} from "./kernel.ts";
export { KernelError } from "./kernel-error.ts";
export { none } from "./none.ts";
export type { KeyedStream } from "./random/keyed-stream.ts";
export type { Stream } from "./random/stream.ts";
export { Histogram } from "./statistics/histogram.ts";
export { roundUs, type SimUs, timeUsMax } from "./units.ts";
