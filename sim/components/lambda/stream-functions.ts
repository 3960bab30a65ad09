import type { QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import type { RecordStream } from "../kinesis/record-stream.ts";
import type { FunctionsHost } from "./functions-host.ts";
import type { FunctionCall } from "./lambda-spec.ts";

/** Most shards of one source: room for the pollers. */
const shardsMax = 64;

/** Kinds of draws; those of functions that queues feed are 2 and 3. */
const draw = { cold: 0, duration: 1 } as const;

/** A function with its times as tables. */
export interface CompiledFunction {
  readonly id: string;
  readonly batchSizeMax: number;
  readonly durationUs: QuantileTable;
  readonly timeoutUs: number;
  readonly calls: readonly FunctionCall[];
  readonly memoryGb: number;
}

/**
 * Functions that a stream feeds. For every shard of its source a function has one poller, which hands one batch at a time
 * to an execution environment and moves its checkpoint when the batch is done. A batch that fails, or whose environment
 * dies with its zone, is tried again and holds up its shard: at least once, in order.
 *
 *   poll -> environment (warm, or a cold start) -> work -> calls, one after the other -> checkpoint -> poll
 *                        no answer within the function's time-out -> written off -> the same batch again
 */
export class StreamFunctions {
  readonly #fabric: Fabric;
  readonly #options: { readonly component: number };
  readonly #functions: readonly CompiledFunction[];
  readonly #host: FunctionsHost;
  /** Filled by `feed`, by function: its source, and the sites of its calls. Assembly only. */
  readonly #sources: (RecordStream | undefined)[] = [];
  readonly #sites: (readonly number[])[] = [];
  /** Distinct symbols of the batch each environment works on. */
  readonly #symbols: Int32Array;
  readonly #symbolStamp: Int32Array;
  readonly #batchMax: number;
  /** By poller, which is function * shardsMax + shard. */
  readonly #checkpoint: Float64Array;
  readonly #batchCount: Int32Array;
  readonly #environmentOf: Int32Array;
  readonly #invocationOf: Int32Array;
  readonly #beganUs: Float64Array;
  readonly #failures: Int32Array;
  readonly #timeoutEvent: Float64Array;
  /** Event that the trouble of a shard goes back to; `none` when it has none. */
  readonly #cause: Int32Array;
  readonly #poll: HandlerId;
  readonly #ran: HandlerId;
  readonly #timedOut: HandlerId;
  readonly #batchFailed: number;
  readonly #batchRecovered: number;

  constructor(
    fabric: Fabric,
    options: { readonly component: number; readonly id: string; readonly symbolCount: number },
    functions: readonly CompiledFunction[],
    host: FunctionsHost,
  ) {
    const { kernel, log } = fabric;
    const { id, symbolCount } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#functions = functions;
    this.#host = host;
    this.#batchMax = Math.max(1, ...functions.map((each) => each.batchSizeMax));
    const cells = host.environments.slotsMax * this.#batchMax;
    this.#symbols = kernel.int32Array(`${id}.batch-symbols`, cells);
    this.#symbolStamp = kernel.int32Array(`${id}.symbol-stamp`, symbolCount);
    const pollers = functions.length * shardsMax;
    this.#checkpoint = kernel.float64Array(`${id}.checkpoint`, pollers);
    this.#batchCount = kernel.int32Array(`${id}.batch-count`, pollers);
    this.#environmentOf = kernel.int32Array(`${id}.environment-of`, pollers).fill(none);
    this.#invocationOf = kernel.int32Array(`${id}.invocation-of`, pollers).fill(none);
    this.#beganUs = kernel.float64Array(`${id}.began-us`, pollers);
    this.#failures = kernel.int32Array(`${id}.failures`, pollers);
    this.#timeoutEvent = kernel.float64Array(`${id}.timeout-event`, pollers).fill(none);
    this.#cause = kernel.int32Array(`${id}.trouble`, pollers).fill(none);
    this.#poll = kernel.handler(`${id}.poll`, (poller) => this.#pollShard(poller));
    this.#ran = kernel.handler(`${id}.ran`, (slot, invocation) => this.#worked(slot, invocation));
    this.#timedOut = kernel.handler(`${id}.timed-out`, (poller, invocation) =>
      this.#gaveUp(poller, invocation),
    );
    this.#batchFailed = log.kind("lambda.batch-failed", "detect");
    this.#batchRecovered = log.kind("lambda.shard-moves-again", "recover");
  }

  /** Begins to feed a function from a stream; `sites` are those of its calls. */
  feed(fn: number, source: RecordStream, sites: readonly number[]): void {
    this.#sources[fn] = source;
    this.#sites[fn] = sites;
    const { shardCount } = source.shards;
    const { pollUs } = this.#host.parameters;
    for (let shard = 0; shard < Math.min(shardCount, shardsMax); shard += 1) {
      // Pollers do not start in step.
      const offsetUs = Math.floor(((shard + 1) * pollUs.value) / (shardCount + 1));
      this.#fabric.kernel.schedule(offsetUs + fn, this.#poll, fn * shardsMax + shard);
    }
  }

  /** A call of the function has ended. */
  resumed(slot: number, site: number, result: number): void {
    if (result === outcome.ok || this.#fabric.sites[site]!.optional) this.#callNext(slot);
    else this.#finish(slot, false);
  }

  /** Records that a function has yet to finish, over all shards of its source. */
  backlog(fn: number): number {
    const source = this.#sources[fn]!;
    let records = 0;
    for (let shard = 0; shard < source.shards.shardCount; shard += 1) {
      records += source.shards.end(shard) - this.#checkpoint[fn * shardsMax + shard]!;
    }
    return records;
  }

  /** Age in microseconds of the oldest record that some function has yet to finish. */
  iteratorAgeUs(): number {
    const nowUs = this.#fabric.kernel.nowUs;
    let oldestUs = nowUs;
    this.#sources.forEach((source, fn) => {
      if (source === undefined) return;
      for (let shard = 0; shard < source.shards.shardCount; shard += 1) {
        const position = this.#checkpoint[fn * shardsMax + shard]!;
        if (position >= source.shards.end(shard)) continue;
        oldestUs = Math.min(oldestUs, source.shards.appendedUs(shard, position));
      }
    });
    return nowUs - oldestUs;
  }

  #pollShard(poller: number): void {
    const fn = Math.floor(poller / shardsMax);
    const shard = poller % shardsMax;
    const source = this.#sources[fn]!;
    const horizon = source.shards.horizon(shard);
    if (this.#checkpoint[poller]! < horizon) {
      this.#host.skipped(horizon - this.#checkpoint[poller]!);
      this.#checkpoint[poller] = horizon;
    }
    const readable = source.isServing ? source.readable(shard, this.#checkpoint[poller]!) : 0;
    const count = Math.min(this.#functions[fn]!.batchSizeMax, readable);
    if (count === 0) {
      this.#pollAfter(poller, this.#host.parameters.pollUs.value);
      return;
    }
    this.#batchCount[poller] = count;
    this.#invoke(poller, fn);
  }

  #invoke(poller: number, fn: number): void {
    const { kernel } = this.#fabric;
    let slot = this.#host.environments.takeIdle(fn);
    const number = this.#host.nextInvocation();
    const isCold = slot === none;
    let startUs = 0;
    if (isCold) {
      const mayLaunch = this.#host.hasRoom && this.#host.takeLaunch(fn);
      slot = mayLaunch ? this.#host.environments.launch(fn) : none;
      if (slot === none) {
        this.#host.throttled();
        this.#pollAfter(poller, this.#host.parameters.retryUsFirst.value);
        return;
      }
      startUs = this.#host.draws.draw(this.#host.coldStartUs, number, draw.cold, fn);
    }
    const { column } = this.#host.environments;
    column.busy[slot] = 1;
    column.poller[slot] = poller;
    column.invocation[slot] = number;
    column.callAt[slot] = 0;
    column.symbolAt[slot] = 0;
    this.#readSymbols(slot, poller, fn, number);
    this.#environmentOf[poller] = slot;
    this.#invocationOf[poller] = number;
    this.#beganUs[poller] = kernel.nowUs;
    this.#host.invoked(isCold);
    const workUs = this.#host.draws.draw(
      this.#functions[fn]!.durationUs,
      number,
      draw.duration,
      fn,
    );
    kernel.schedule(Math.round(startUs + workUs), this.#ran, slot, number);
    this.#timeoutEvent[poller] = kernel.schedule(
      Math.round(startUs) + this.#functions[fn]!.timeoutUs,
      this.#timedOut,
      poller,
      number,
    );
  }

  /** The function's own work is over; what it calls follows. */
  #worked(slot: number, invocation: number): void {
    const { column } = this.#host.environments;
    if (!this.#host.environments.isUsed(slot) || column.invocation[slot] !== invocation) return;
    if (column.busy[slot] === 0 || !this.#host.environments.isAlive(slot)) return;
    if (this.#failsAtRecord(slot)) this.#finish(slot, false);
    else this.#callNext(slot);
  }

  /** Whether the function fails at a record of the batch; the trouble of its shard goes back to that then. */
  #failsAtRecord(slot: number): boolean {
    const { column } = this.#host.environments;
    const poller = column.poller[slot]!;
    const fn = column.fn[slot]!;
    const { shards } = this.#sources[fn]!;
    if (!this.#host.poisoned.isFeltBy(fn)) return false;
    for (let at = 0; at < this.#batchCount[poller]!; at += 1) {
      const record = shards.record(poller % shardsMax, this.#checkpoint[poller]! + at);
      const failure = this.#host.poisoned.failureAt(fn, record);
      if (failure === none) continue;
      this.#cause[poller] = failure;
      return true;
    }
    return false;
  }

  #callNext(slot: number): void {
    const { column } = this.#host.environments;
    const poller = column.poller[slot]!;
    const fn = column.fn[slot]!;
    const { calls } = this.#functions[fn]!;
    const call = calls[column.callAt[slot]!];
    if (call === undefined) {
      this.#finish(slot, true);
      return;
    }
    const site = this.#sites[fn]![column.callAt[slot]!]!;
    const shard = poller % shardsMax;
    if (call.per === "batch") {
      column.callAt[slot] = column.callAt[slot]! + 1;
      this.#call(slot, site, this.#sources[fn]!.shards.record(shard, this.#checkpoint[poller]!));
      return;
    }
    const at = column.symbolAt[slot]!;
    if (at + 1 >= column.symbolCount[slot]!) {
      column.callAt[slot] = column.callAt[slot]! + 1;
      column.symbolAt[slot] = 0;
    } else column.symbolAt[slot] = at + 1;
    this.#call(slot, site, this.#symbols[slot * this.#batchMax + at]!);
  }

  #call(slot: number, site: number, data: number): void {
    const key = this.#host.nextCall();
    const { column } = this.#host.environments;
    this.#fabric.calls.callAsActor(column.actor[slot]!, site, key, data, 1);
  }

  /** The invocation has ended; the service hears of it if the environment can reach it. */
  #finish(slot: number, isWell: boolean): void {
    const { kernel, log } = this.#fabric;
    if (!this.#host.environments.isHeard(slot)) return;
    const { column } = this.#host.environments;
    const poller = column.poller[slot]!;
    column.busy[slot] = 0;
    column.idleSinceUs[slot] = kernel.nowUs;
    this.#forget(poller);
    const durationUs = kernel.nowUs - this.#beganUs[poller]!;
    const records = isWell ? this.#batchCount[poller]! : 0;
    this.#host.ended(column.fn[slot]!, durationUs, records, !isWell);
    const place = { component: this.#options.component };
    if (!isWell) {
      const seq = log.append(this.#batchFailed, place, this.#cause[poller]!, poller);
      this.#tryAgain(poller, seq);
      return;
    }
    if (this.#failures[poller]! > 0) {
      log.append(this.#batchRecovered, place, this.#cause[poller]!, this.#failures[poller]!);
      this.#cause[poller] = none;
    }
    this.#failures[poller] = 0;
    this.#checkpoint[poller] = this.#checkpoint[poller]! + this.#batchCount[poller]!;
    this.#pollAfter(poller, 0);
  }

  /** No answer within the function's time-out: the environment is written off and the batch is tried again. */
  #gaveUp(poller: number, invocation: number): void {
    if (this.#invocationOf[poller] !== invocation) return;
    const slot = this.#environmentOf[poller]!;
    const cause = this.#host.environments.writeOff(slot);
    this.#timeoutEvent[poller] = none;
    this.#forget(poller);
    const fn = Math.floor(poller / shardsMax);
    this.#host.writtenOff(fn);
    const { log } = this.#fabric;
    const seq = log.append(
      this.#batchFailed,
      { component: this.#options.component },
      cause,
      poller,
    );
    this.#tryAgain(poller, seq);
  }

  #tryAgain(poller: number, seq: number): void {
    this.#cause[poller] = seq;
    const { retryUsFirst, retryUsMost } = this.#host.parameters;
    const failures = this.#failures[poller]!;
    this.#failures[poller] = failures + 1;
    const waitUs = retryUsFirst.value * (1 << Math.min(failures, 10));
    this.#pollAfter(poller, Math.min(waitUs, retryUsMost.value));
  }

  #forget(poller: number): void {
    if (this.#timeoutEvent[poller] !== none) {
      this.#fabric.kernel.cancel(this.#timeoutEvent[poller]!);
    }
    this.#timeoutEvent[poller] = none;
    this.#environmentOf[poller] = none;
    this.#invocationOf[poller] = none;
  }

  #pollAfter(poller: number, delayUs: number): void {
    this.#fabric.kernel.schedule(delayUs, this.#poll, poller);
  }

  /** Notes the distinct symbols of a batch, in the order of their first records. */
  #readSymbols(slot: number, poller: number, fn: number, stamp: number): void {
    const { shards } = this.#sources[fn]!;
    const shard = poller % shardsMax;
    let found = 0;
    for (let at = 0; at < this.#batchCount[poller]!; at += 1) {
      const symbol = shards.symbol(shard, this.#checkpoint[poller]! + at);
      if (this.#symbolStamp[symbol] === stamp) continue;
      this.#symbolStamp[symbol] = stamp;
      this.#symbols[slot * this.#batchMax + found] = symbol;
      found += 1;
    }
    this.#host.environments.column.symbolCount[slot] = found;
  }
}
