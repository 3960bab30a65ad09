import { TwinError } from "../../errors/twin-error.ts";
import type { Parameters } from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Channel, Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import type { RecordStream } from "../kinesis/record-stream.ts";
import { Environments } from "./environments.ts";
import { type LambdaParameters, lambdaParameters } from "./lambda-parameters.ts";
import type { FunctionCall, LambdaSpec } from "./lambda-spec.ts";
import { type QueueFunction, QueueFunctions, type QueueSource } from "./queue-functions.ts";

/** Most shards of one source: room for the pollers. */
const shardsMax = 64;

/** Milliseconds of an invocation where a function states none. Assumption: AWS gives 3 s, which nobody keeps for streams. */
const timeoutMsDefault = 30_000;

/** How often the service looks at its zones and environments. Assumption: one second. */
const lookPeriodUs = 1_000_000;

const counted = {
  invocations: 0,
  errors: 1,
  throttles: 2,
  coldStarts: 3,
  records: 4,
  durationUs: 5,
  skipped: 6,
  gigabyteSeconds: 7,
} as const;

/** Positions of the totals whose gains are published. */
const period = { invocations: 0, errors: 1, throttles: 2, durationUs: 3, ended: 4 } as const;

/** Kinds of draws. */
const draw = { cold: 0, duration: 1 } as const;

interface CompiledFunction {
  readonly id: string;
  readonly batchSizeMax: number;
  readonly durationUs: QuantileTable;
  readonly timeoutUs: number;
  readonly calls: readonly FunctionCall[];
  readonly memoryGb: number;
}

/**
 * Lambda functions that are fed by streams; those that a queue feeds are `QueueFunctions`. For every shard of its source a function has one poller, which hands one
 * batch at a time to an execution environment and moves its checkpoint when the batch is done. A batch that fails, or
 * whose environment dies with its zone, is tried again and holds up its shard: at least once, in order.
 *
 *   poll -> environment (warm, or a cold start) -> work -> calls, one after the other -> checkpoint -> poll
 *                        no answer within the function's time-out -> written off -> the same batch again
 */
export class Lambda implements Component {
  readonly id: string;
  readonly service = "lambda";
  readonly index: number;
  readonly operations = [];
  readonly #fabric: Fabric;
  readonly #spec: LambdaSpec;
  readonly #parameters: LambdaParameters;
  readonly #functions: readonly CompiledFunction[];
  /** Filled by `start`: the source of each function that a stream feeds, and the sites of the calls of each. */
  readonly #sources: (RecordStream | undefined)[] = [];
  readonly #sites: number[][] = [];
  /** Functions that queues feed; `undefined` where there are none. Assembly only. */
  #queueFunctions: QueueFunctions | undefined;
  /** [share of the quota that the account has] */
  readonly #quota: Float64Array;
  readonly #environments: Environments;
  readonly #scaling: readonly TokenBucket[];
  readonly #coldStartUs: QuantileTable;
  readonly #draws: KeyedStream;
  readonly #counts: Float64Array;
  readonly #gains: PeriodGains;
  readonly #number: Int32Array;
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
  readonly #look: HandlerId;
  readonly #batchFailed: number;
  readonly #batchRecovered: number;

  constructor(fabric: Fabric, index: number, spec: LambdaSpec, counts: { symbolCount: number }) {
    const { kernel, log } = fabric;
    const { id } = spec;
    this.id = id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#parameters = lambdaParameters(spec);
    const parameters = this.#parameters;
    this.#functions = spec.functions.map((each) => ({
      id: each.id,
      batchSizeMax: each.batchSizeMax,
      durationUs: compileQuantiles({
        kind: "lognormal",
        median: each.durationMs.median * 1000,
        sigma: each.durationMs.sigma,
      }),
      timeoutUs: (each.timeoutMs ?? timeoutMsDefault) * 1000,
      calls: each.calls ?? [],
      memoryGb: each.memoryMb / 1024,
    }));
    this.#environments = new Environments(fabric, {
      component: index,
      id,
      zones: spec.zones.map((zone) => fabric.zone(zone)),
      parameters,
    });
    const burst = parameters.scalingEnvironments.value;
    const ratePerSecond = burst / parameters.scalingWindowSeconds.value;
    this.#scaling = this.#functions.map(
      (each) => new TokenBucket(kernel, `${id}.scaling-${each.id}`, { ratePerSecond, burst }),
    );
    const { coldStartMsLow, coldStartMsHigh } = parameters;
    this.#coldStartUs = compileQuantiles(
      lognormalFromQuantiles({
        p50: Math.sqrt(coldStartMsLow.value * coldStartMsHigh.value) * 1000,
        p95: coldStartMsHigh.value * 1000,
      }),
    );
    this.#draws = kernel.keyed(`${id}.invocations`);
    this.#counts = kernel.float64Array(`${id}.counts`, Object.keys(counted).length);
    this.#gains = new PeriodGains(kernel, `${id}.metric-totals`, Object.keys(period).length);
    this.#number = kernel.int32Array(`${id}.number`, 2);
    this.#quota = kernel.float64Array(`${id}.quota-share`, 1).fill(1);
    this.#batchMax = Math.max(1, ...this.#functions.map((each) => each.batchSizeMax));
    const cells = this.#environments.slotsMax * this.#batchMax;
    this.#symbols = kernel.int32Array(`${id}.batch-symbols`, cells);
    this.#symbolStamp = kernel.int32Array(`${id}.symbol-stamp`, counts.symbolCount);
    const pollers = this.#functions.length * shardsMax;
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
    this.#look = kernel.handler(`${id}.look`, () => {
      this.#environments.look();
      this.#queueFunctions?.look();
      kernel.schedule(lookPeriodUs, this.#look);
    });
    this.#batchFailed = log.kind("lambda.batch-failed", "detect");
    this.#batchRecovered = log.kind("lambda.shard-moves-again", "recover");
    this.#publishMetrics();
  }

  start(): void {
    const { kernel } = this.#fabric;
    const fed: QueueFunction[] = [];
    this.#spec.functions.forEach((each, fn) => {
      const component = this.#fabric.component(each.source);
      this.#sites.push((each.calls ?? []).map((call) => this.#siteOf(each.id, call.name)));
      if (component.service === "sqs-fifo") {
        this.#sources.push(undefined);
        fed.push(this.#queueFunction(fn, component as unknown as QueueSource));
        return;
      }
      const source = component as unknown as RecordStream;
      this.#sources.push(source);
      const { shardCount } = source.shards;
      for (let shard = 0; shard < Math.min(shardCount, shardsMax); shard += 1) {
        // Pollers do not start in step.
        const offsetUs = Math.floor(
          ((shard + 1) * this.#parameters.pollUs.value) / (shardCount + 1),
        );
        kernel.schedule(offsetUs + fn, this.#poll, fn * shardsMax + shard);
      }
    });
    if (fed.length > 0) {
      this.#queueFunctions = new QueueFunctions(this.#fabric, this.id, fed, this.#hostOfQueues());
    }
    kernel.schedule(lookPeriodUs, this.#look);
  }

  /** Leaves the account a share of its concurrency, or gives it more than it had; functions that queues feed follow it. */
  setQuotaShare(share: number): void {
    this.#quota[0] = share;
  }

  /** Nobody calls functions in this version: they are fed by streams and queues. */
  route(): number {
    return none;
  }

  resumed(actor: number, site: number, result: number, childData: number): void {
    const { calls, instances, sites } = this.#fabric;
    const slot = instances.column.tag[calls.instanceOf(actor)]!;
    if (this.#queueFunctions?.owns(slot) === true) {
      this.#queueFunctions.resumed(slot, site, result, childData);
      return;
    }
    if (result === outcome.ok || sites[site]!.optional) this.#callNext(slot);
    else this.#finish(slot, false);
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // An environment that dies answers nothing; its batch is missed when the function's time-out passes.
  }

  /** The host is back; the environments that ran on it are not. */
  powerRestored(instance: number, causeSeq: number): void {
    this.#fabric.instances.column.status[instance] = status.crashed;
    this.#fabric.instances.column.causeSeq[instance] = causeSeq;
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

  get invocationCount(): number {
    return this.#counts[counted.invocations]!;
  }

  get coldStartCount(): number {
    return this.#counts[counted.coldStarts]!;
  }

  get throttleCount(): number {
    return this.#counts[counted.throttles]!;
  }

  /** Records that batches which ended well held; one that was tried twice counts once. */
  get finishedRecordCount(): number {
    return this.#counts[counted.records]!;
  }

  channels(): readonly Channel[] {
    const count = (name: string, unit: string, what: number): Channel => ({
      name,
      unit,
      kind: "count",
      read: () => this.#counts[what]!,
    });
    return [
      {
        name: "executing",
        unit: "environments",
        kind: "level",
        read: () => this.#environments.busyCount,
      },
      {
        name: "environments",
        unit: "environments",
        kind: "level",
        read: () => this.#environments.count,
      },
      {
        name: "iterator age",
        unit: "s",
        kind: "level",
        read: () => this.iteratorAgeUs() / 1_000_000,
      },
      count("invocations", "invocations", counted.invocations),
      count("errors", "invocations", counted.errors),
      count("throttles", "invocations", counted.throttles),
      count("cold starts", "invocations", counted.coldStarts),
      count("records finished", "records", counted.records),
      count("compute", "GB-seconds", counted.gigabyteSeconds),
    ];
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #siteOf(functionId: string, name: string): number {
    const site = this.#fabric.actorSite(this.id, name);
    if (site !== none) return site;
    throw new TwinError({
      code: "topology.actor-call-missing",
      problem: `Function "${functionId}" of "${this.id}" makes a call "${name}" that is not declared`,
      remedy: `Declare an actor call "${name}" of "${this.id}", or take it out of the function`,
      at: `/components/${this.id}/functions/${functionId}/calls`,
    });
  }

  #hasRoom(): boolean {
    const most = this.#spec.concurrencyMax ?? this.#parameters.concurrencyMax.value;
    return this.#environments.busyCount < Math.max(1, Math.floor(most * this.#quota[0]!));
  }

  #queueFunction(fn: number, source: QueueSource): QueueFunction {
    const { id, durationUs, timeoutUs, calls } = this.#functions[fn]!;
    const { concurrencyMax } = this.#parameters;
    return {
      fn,
      source,
      durationUs,
      timeoutUs,
      calls,
      concurrencyMax: this.#spec.functions[fn]!.concurrencyMax ?? concurrencyMax.value,
      sites: this.#sites[fn]!,
      receiveSite: this.#siteOf(id, `receive-${id}`),
      deleteSite: this.#siteOf(id, `delete-${id}`),
    };
  }

  #hostOfQueues() {
    const lambda = this;
    const next = (at: number) => {
      this.#number[at] = (this.#number[at]! + 1) | 0;
      return this.#number[at]!;
    };
    return {
      environments: this.#environments,
      parameters: this.#parameters,
      coldStartUs: this.#coldStartUs,
      draws: this.#draws,
      nextInvocation: () => next(0),
      nextCall: () => next(1),
      get quotaShare() {
        return lambda.#quota[0]!;
      },
      get hasRoom() {
        return lambda.#hasRoom();
      },
      takeLaunch: (fn: number) => this.#scaling[fn]!.take(1),
      invoked: (isCold: boolean) => {
        this.#count(counted.invocations, 1);
        if (isCold) this.#count(counted.coldStarts, 1);
      },
      throttled: () => this.#count(counted.throttles, 1),
      ended: (fn: number, durationUs: number, records: number, failed: boolean) => {
        this.#count(counted.durationUs, durationUs);
        this.#count(counted.records, records);
        if (failed) this.#count(counted.errors, 1);
        this.#countCompute(fn, durationUs);
      },
    };
  }

  #pollShard(poller: number): void {
    const fn = Math.floor(poller / shardsMax);
    const shard = poller % shardsMax;
    const source = this.#sources[fn]!;
    const horizon = source.shards.horizon(shard);
    if (this.#checkpoint[poller]! < horizon) {
      this.#count(counted.skipped, horizon - this.#checkpoint[poller]!);
      this.#checkpoint[poller] = horizon;
    }
    const readable = source.isServing ? source.readable(shard, this.#checkpoint[poller]!) : 0;
    const count = Math.min(this.#functions[fn]!.batchSizeMax, readable);
    if (count === 0) {
      this.#pollAfter(poller, this.#parameters.pollUs.value);
      return;
    }
    this.#batchCount[poller] = count;
    this.#invoke(poller, fn);
  }

  #invoke(poller: number, fn: number): void {
    const { kernel } = this.#fabric;
    let slot = this.#environments.takeIdle(fn);
    const number = (this.#number[0]! + 1) | 0;
    this.#number[0] = number;
    let startUs = 0;
    if (slot === none) {
      const hasRoom = this.#hasRoom();
      slot = hasRoom && this.#scaling[fn]!.take(1) ? this.#environments.launch(fn) : none;
      if (slot === none) {
        this.#count(counted.throttles, 1);
        this.#pollAfter(poller, this.#parameters.retryUsFirst.value);
        return;
      }
      this.#count(counted.coldStarts, 1);
      startUs = this.#draws.draw(this.#coldStartUs, number, draw.cold, fn);
    }
    const { column } = this.#environments;
    column.busy[slot] = 1;
    column.poller[slot] = poller;
    column.invocation[slot] = number;
    column.callAt[slot] = 0;
    column.symbolAt[slot] = 0;
    this.#readSymbols(slot, poller, fn);
    this.#environmentOf[poller] = slot;
    this.#invocationOf[poller] = number;
    this.#beganUs[poller] = kernel.nowUs;
    this.#count(counted.invocations, 1);
    const workUs = this.#draws.draw(this.#functions[fn]!.durationUs, number, draw.duration, fn);
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
    const { column } = this.#environments;
    if (!this.#environments.isUsed(slot) || column.invocation[slot] !== invocation) return;
    if (column.busy[slot] === 1 && this.#environments.isAlive(slot)) this.#callNext(slot);
  }

  #callNext(slot: number): void {
    const { column } = this.#environments;
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
    const key = (this.#number[1]! + 1) | 0;
    this.#number[1] = key;
    const { column } = this.#environments;
    this.#fabric.calls.callAsActor(column.actor[slot]!, site, key, data, 1);
  }

  /** The invocation has ended; the service hears of it if the environment can reach it. */
  #finish(slot: number, isWell: boolean): void {
    const { kernel, log } = this.#fabric;
    if (!this.#environments.isHeard(slot)) return;
    const { column } = this.#environments;
    const poller = column.poller[slot]!;
    column.busy[slot] = 0;
    column.idleSinceUs[slot] = kernel.nowUs;
    this.#forget(poller);
    const durationUs = kernel.nowUs - this.#beganUs[poller]!;
    this.#count(counted.durationUs, durationUs);
    this.#countCompute(column.fn[slot]!, durationUs);
    if (!isWell) {
      const seq = log.append(
        this.#batchFailed,
        { component: this.index },
        this.#cause[poller]!,
        poller,
      );
      this.#tryAgain(poller, seq);
      return;
    }
    if (this.#failures[poller]! > 0) {
      const place = { component: this.index };
      log.append(this.#batchRecovered, place, this.#cause[poller]!, this.#failures[poller]!);
      this.#cause[poller] = none;
    }
    this.#failures[poller] = 0;
    this.#count(counted.records, this.#batchCount[poller]!);
    this.#checkpoint[poller] = this.#checkpoint[poller]! + this.#batchCount[poller]!;
    this.#pollAfter(poller, 0);
  }

  /** No answer within the function's time-out: the environment is written off and the batch is tried again. */
  #gaveUp(poller: number, invocation: number): void {
    if (this.#invocationOf[poller] !== invocation) return;
    const slot = this.#environmentOf[poller]!;
    const cause = this.#environments.writeOff(slot);
    this.#timeoutEvent[poller] = none;
    this.#forget(poller);
    const fn = Math.floor(poller / shardsMax);
    this.#countCompute(fn, this.#functions[fn]!.timeoutUs);
    const { log } = this.#fabric;
    const seq = log.append(this.#batchFailed, { component: this.index }, cause, poller);
    this.#tryAgain(poller, seq);
  }

  #tryAgain(poller: number, seq: number): void {
    this.#cause[poller] = seq;
    const { retryUsFirst, retryUsMost } = this.#parameters;
    this.#count(counted.errors, 1);
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
  #readSymbols(slot: number, poller: number, fn: number): void {
    const { shards } = this.#sources[fn]!;
    const shard = poller % shardsMax;
    const stamp = this.#number[0]!;
    let found = 0;
    for (let at = 0; at < this.#batchCount[poller]!; at += 1) {
      const symbol = shards.symbol(shard, this.#checkpoint[poller]! + at);
      if (this.#symbolStamp[symbol] === stamp) continue;
      this.#symbolStamp[symbol] = stamp;
      this.#symbols[slot * this.#batchMax + found] = symbol;
      found += 1;
    }
    this.#environments.column.symbolCount[slot] = found;
  }

  #countCompute(fn: number, durationUs: number): void {
    const { memoryGb } = this.#functions[fn]!;
    this.#count(counted.gigabyteSeconds, (memoryGb * durationUs) / 1_000_000);
  }

  #count(what: number, by: number): void {
    this.#counts[what] = this.#counts[what]! + by;
  }

  #publishMetrics(): void {
    const { metrics } = this.#fabric;
    const gains = this.#gains;
    const source = { namespace: "AWS/Lambda", component: this.index, unit: "Count" } as const;
    const gained = (name: string, position: number, what: number) =>
      metrics.add({
        ...source,
        name,
        sample: () => gains.gain(position, this.#counts[what]!),
      });
    gained("Invocations", period.invocations, counted.invocations);
    gained("Errors", period.errors, counted.errors);
    gained("Throttles", period.throttles, counted.throttles);
    metrics.add({
      ...source,
      name: "Duration",
      unit: "Milliseconds",
      sample: () => {
        const durationUs = gains.gain(period.durationUs, this.#counts[counted.durationUs]!);
        const ended = gains.gain(period.ended, this.#counts[counted.invocations]!);
        return ended > 0 ? durationUs / ended / 1000 : Number.NaN;
      },
    });
    metrics.add({
      ...source,
      name: "ConcurrentExecutions",
      statistic: "Maximum",
      isLevel: true,
      sample: () => this.#environments.busyCount,
    });
    metrics.add({
      ...source,
      name: "IteratorAge",
      statistic: "Maximum",
      isLevel: true,
      unit: "Milliseconds",
      sample: () => this.iteratorAgeUs() / 1000,
    });
  }
}

/** The functions of a region, fed by streams. */
export function createLambda(
  fabric: Fabric,
  index: number,
  spec: LambdaSpec,
  counts: { readonly symbolCount: number },
): Lambda {
  return new Lambda(fabric, index, spec, counts);
}
