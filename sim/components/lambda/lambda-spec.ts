import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A call that a function makes for each batch or for each symbol in it. */
export interface FunctionCall {
  /** Name of an actor call that the topology declares for the Lambda component. */
  readonly name: string;
  /**
   * `batch`: once, with the first record as `data`. `symbol`: once for each distinct symbol of the batch, with the
   * symbol as `data`. `record`: once for each message of a batch from a queue, in their order.
   */
  readonly per: "batch" | "symbol" | "record";
}

/** A function that is fed by a stream or by a queue, or invoked with events. */
export interface LambdaFunctionSpec {
  readonly id: string;
  /**
   * Id of the stream or topic whose records it gets, or of the FIFO queue whose messages it gets. For a queue the topology
   * declares two actor calls more, `receive-FUNCTION` and `delete-FUNCTION`. When left out, it runs for each event that it is
   * invoked with (operation `invoke-FUNCTION`): by a rule of an event bus.
   */
  readonly source?: string;
  /** Most records in one invocation; of a queue, which hands out as many by a receive, ten at most. */
  readonly batchSizeMax: number;
  /** Milliseconds of work of one invocation, without the calls it makes: lognormal. */
  readonly durationMs: { readonly median: number; readonly sigma: number };
  readonly memoryMb: number;
  /** Most executions of it at once, for a queue as its source: "maximum concurrency". The account's when left out. */
  readonly concurrencyMax?: number;
  /** Milliseconds after which an invocation is given up. 30,000 when left out. */
  readonly timeoutMs?: number;
  /** What it calls, in order, one after the other. */
  readonly calls?: readonly FunctionCall[];
}

/** The functions of the account in one region. */
export interface LambdaSpec extends ComponentSpecBase {
  readonly service: "lambda";
  /** Zones in which execution environments run. */
  readonly zones: readonly string[];
  readonly functions: readonly LambdaFunctionSpec[];
  /** Most executions at once. When left out: the account's default. */
  readonly concurrencyMax?: number;
}
