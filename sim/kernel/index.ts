export {
  type ArrivalProcess,
  arrivalMistakes,
  meanRatePerSecond,
  type RateStep,
} from "./arrivals/arrival-process.ts";
export { assert, assertNever } from "./assert.ts";
export type { BitsetOptions } from "./containers/bitset.ts";
export type { ColumnArray } from "./containers/columns.ts";
export type { PoolOptions } from "./containers/pool.ts";
export type { StateMachineDefinition } from "./containers/state-machine.ts";
export type { TableOptions } from "./containers/table.ts";
export { cdf } from "./distributions/cdf.ts";
export type { Distribution, MixturePart } from "./distributions/distribution.ts";
export { lognormalFromQuantiles } from "./distributions/lognormal-from-quantiles.ts";
export { distributionMistakes } from "./distributions/mistakes.ts";
export { mean, variance } from "./distributions/moments.ts";
export { quantile } from "./distributions/quantile.ts";
export {
  type CompileOptions,
  compileQuantiles,
  type QuantileTable,
} from "./distributions/quantile-table.ts";
export type { TracedEvent } from "./event-trace.ts";
export {
  type ArrivalSource,
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
} from "./kernel.ts";
export { KernelError, type KernelProblem } from "./kernel-error.ts";
export { none } from "./none.ts";
export type { Batch, BatchOptions } from "./simulation/batch.ts";
export type { Buffer, BufferOptions, WaitOptions } from "./simulation/buffer.ts";
export type {
  Breakdowns,
  CapacityOptions,
  CapacitySchedule,
  CapacityStep,
} from "./simulation/capacity.ts";
export type { Entities } from "./simulation/entities.ts";
export type { Facility } from "./simulation/facility.ts";
export type {
  Discipline,
  FacilityOptions,
  SeizeOptions,
  UseOptions,
} from "./simulation/facility-options.ts";
export type {
  Outcome,
  Process,
  Processes,
  ProcessPatience,
  ProcessTake,
  ProcessUse,
  Script,
  Story,
} from "./simulation/processes.ts";
export {
  noRequest,
  type Patience,
  type RequestHandle,
  type StepId,
  type StepRun,
  type Waitable,
  type Waiter,
} from "./simulation/requests.ts";
export type {
  SharedFacility,
  SharedFacilityOptions,
  ShareOptions,
} from "./simulation/shared-facility.ts";
export type { Signal } from "./simulation/signal.ts";
export {
  type RunEnd,
  type RunOptions,
  Simulation,
  type SimulationOptions,
} from "./simulation/simulation.ts";
export type { Filter, FilterId, GetOptions, Store, StoreOptions } from "./simulation/store.ts";
export {
  BatchMeans,
  type BatchMeansInterval,
  type BatchMeansOptions,
} from "./statistics/batch-means.ts";
export { Histogram, type HistogramOptions } from "./statistics/histogram.ts";
export {
  type Confidence,
  type Interval,
  pairedInterval,
  replicationInterval,
} from "./statistics/intervals.ts";
export { mser } from "./statistics/mser.ts";
export { Tally } from "./statistics/tally.ts";
export { roundUs, type SimUs, timeUsMax, type Unit } from "./units.ts";
