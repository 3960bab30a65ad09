import { TwinError } from "../../errors/twin-error.ts";
import type { Parameters } from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import type { RecordStream } from "../kinesis/record-stream.ts";
import { Environments } from "./environments.ts";
import type { FunctionsHost } from "./functions-host.ts";
import { InvokedFunctions } from "./invoked-functions.ts";
import {
  lambdaCounted as counted,
  lambdaChannels,
  publishLambdaMetrics,
} from "./lambda-figures.ts";
import { type LambdaParameters, lambdaParameters } from "./lambda-parameters.ts";
import type { LambdaSpec } from "./lambda-spec.ts";
import { PoisonedRecords } from "./poisoned-records.ts";
import { type QueueFunction, QueueFunctions, type QueueSource } from "./queue-functions.ts";
import { type CompiledFunction, StreamFunctions } from "./stream-functions.ts";

/** Milliseconds of an invocation where a function states none. Assumption: AWS gives 3 s, which nobody keeps for streams. */
const timeoutMsDefault = 30_000;

/** How often the service looks at its zones and environments. Assumption: one second. */
const lookPeriodUs = 1_000_000;

/**
 * Lambda functions of one account: those that streams feed (`StreamFunctions`), those that queues feed (`QueueFunctions`), and
 * those that are invoked with events (`InvokedFunctions`, operation `invoke-FUNCTION`). What they share is here: execution environments, the account's concurrency, and the counts.
 */
export class Lambda implements Component {
  readonly id: string;
  readonly service = "lambda";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly #fabric: Fabric;
  readonly #spec: LambdaSpec;
  readonly #parameters: LambdaParameters;
  readonly #functions: readonly CompiledFunction[];
  readonly #streamFunctions: StreamFunctions;
  /** Functions that are invoked, and the service's hosts that take events for them; `undefined` where there are none. */
  readonly #invokedFunctions: InvokedFunctions | undefined;
  readonly #hosts: ZonalHosts | undefined;
  /** Functions that queues feed; `undefined` where there are none. Assembly only. */
  #queueFunctions: QueueFunctions | undefined;
  /** [share of the quota that the account has] */
  readonly #quota: Float64Array;
  readonly environments: Environments;
  readonly #scaling: readonly TokenBucket[];
  readonly #coldStartUs: QuantileTable;
  readonly #draws: KeyedStream;
  readonly #poisoned: PoisonedRecords;
  readonly counts: Float64Array;
  /** [invocations, calls] given a number so far. */
  readonly #number: Int32Array;
  readonly #look: HandlerId;

  constructor(fabric: Fabric, index: number, spec: LambdaSpec, counts: { symbolCount: number }) {
    const { kernel } = fabric;
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
    this.environments = new Environments(fabric, {
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
    this.counts = kernel.float64Array(`${id}.counts`, Object.keys(counted).length);
    this.#number = kernel.int32Array(`${id}.number`, 2);
    this.#quota = kernel.float64Array(`${id}.quota-share`, 1).fill(1);
    this.#poisoned = new PoisonedRecords(fabric, index, id, this.#functions.length);
    this.#streamFunctions = new StreamFunctions(
      fabric,
      { component: index, id, symbolCount: counts.symbolCount },
      this.#functions,
      this.#host(),
    );
    const isInvoked = spec.functions.some(({ source }) => source === undefined);
    this.#invokedFunctions = isInvoked
      ? new InvokedFunctions(fabric, id, this.#functions, this.#host())
      : undefined;
    this.#hosts = isInvoked
      ? new ZonalHosts(fabric, {
          component: index,
          id,
          zones: spec.zones.map((zone) => fabric.zone(zone)),
          insideMax: 1_000_000,
          evictAfterUs: parameters.zoneEvictionUs.value,
          needsMajority: true,
        })
      : undefined;
    const serviceUs = compileQuantiles({ kind: "deterministic", value: parameters.invokeUs.value });
    this.operations = this.#functions.map((each) => ({
      name: `invoke-${each.id}`,
      serviceUs,
      decides: true,
    }));
    this.#look = kernel.handler(`${id}.look`, () => {
      this.environments.look();
      this.#queueFunctions?.look();
      kernel.schedule(lookPeriodUs, this.#look);
    });
    publishLambdaMetrics(fabric, this);
  }

  start(): void {
    const { kernel } = this.#fabric;
    const fed: QueueFunction[] = [];
    this.#spec.functions.forEach((each, fn) => {
      const sites = (each.calls ?? []).map((call) => this.#siteOf(each.id, call.name));
      if (each.source === undefined) {
        this.#invokedFunctions?.connect(fn, sites);
        return;
      }
      const component = this.#fabric.component(each.source);
      if (component.service === "sqs-fifo") {
        fed.push(this.#queueFunction(fn, component as unknown as QueueSource, sites));
      } else this.#streamFunctions.feed(fn, component as unknown as RecordStream, sites);
    });
    if (fed.length > 0) {
      this.#queueFunctions = new QueueFunctions(this.#fabric, this.id, fed, this.#host());
    }
    this.#hosts?.start();
    kernel.schedule(lookPeriodUs, this.#look);
  }

  /** Leaves the account a share of its concurrency, or gives it more than it had; functions that queues feed follow it. */
  setQuotaShare(share: number): void {
    this.#quota[0] = share;
  }

  /** The first `count` records that a function meets from now on make it fail, each time, until `endPoison`. */
  poison(count: number, causeSeq: number, functionId: string): void {
    this.#poisoned.await(this.#numberOf(functionId), count, causeSeq);
  }

  endPoison(functionId: string): void {
    this.#poisoned.end(this.#numberOf(functionId));
  }

  #numberOf(functionId: string): number {
    return this.#functions.findIndex(({ id }) => id === functionId);
  }

  /** A host that takes the event of an invocation; functions that streams and queues feed are called by nobody. */
  route(_callerInstance: number, _callerZone: number, frame: number): number {
    return this.#hosts?.route(frame) ?? none;
  }

  admit(_frame: number, host: number): number {
    return this.#hosts?.canServe(host) === true ? outcome.ok : outcome.unavailable;
  }

  /** The event is in the service's own queue. */
  worked(frame: number, host: number): number {
    if (this.#hosts?.canServe(host) !== true) return outcome.unavailable;
    const { calls, sites } = this.#fabric;
    const fn = sites[calls.siteOf(frame)]!.operation;
    const isTaken = this.#invokedFunctions?.accept(fn, calls.dataOf(frame)) === true;
    return isTaken ? outcome.ok : outcome.throttled;
  }

  resumed(actor: number, site: number, result: number, childData: number): void {
    const { calls, instances } = this.#fabric;
    const slot = instances.column.tag[calls.instanceOf(actor)]!;
    if (this.#queueFunctions?.owns(slot) === true) {
      this.#queueFunctions.resumed(slot, site, result, childData);
      return;
    }
    if (this.#invokedFunctions?.owns(slot) === true) {
      this.#invokedFunctions.resumed(slot, site, result);
      return;
    }
    this.#streamFunctions.resumed(slot, site, result);
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // An environment that dies answers nothing; its batch is missed when the function's time-out passes.
  }

  /** The host is back; the environments that ran on it are not. */
  powerRestored(instance: number, causeSeq: number): void {
    if (this.#hosts?.hosts.includes(instance) === true) {
      this.#hosts.powerRestored(instance, causeSeq);
      return;
    }
    this.#fabric.instances.column.status[instance] = status.crashed;
    this.#fabric.instances.column.causeSeq[instance] = causeSeq;
  }

  /** Records that a function which a stream feeds has yet to finish, over all shards of its source. */
  backlog(fn: number): number {
    return this.#streamFunctions.backlog(fn);
  }

  /** Age in microseconds of the oldest record that some function has yet to finish. */
  iteratorAgeUs(): number {
    return this.#streamFunctions.iteratorAgeUs();
  }

  get invocationCount(): number {
    return this.counts[counted.invocations]!;
  }

  get coldStartCount(): number {
    return this.counts[counted.coldStarts]!;
  }

  get throttleCount(): number {
    return this.counts[counted.throttles]!;
  }

  /** Records that batches which ended well held; one that was tried twice counts once. */
  get finishedRecordCount(): number {
    return this.counts[counted.records]!;
  }

  channels(): readonly Channel[] {
    return lambdaChannels(this);
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
    return this.environments.busyCount < Math.max(1, Math.floor(most * this.#quota[0]!));
  }

  #queueFunction(fn: number, source: QueueSource, sites: readonly number[]): QueueFunction {
    const { id, batchSizeMax, durationUs, timeoutUs, calls } = this.#functions[fn]!;
    const { concurrencyMax } = this.#parameters;
    return {
      fn,
      source,
      batchSizeMax,
      durationUs,
      timeoutUs,
      calls,
      concurrencyMax: this.#spec.functions[fn]!.concurrencyMax ?? concurrencyMax.value,
      sites,
      receiveSite: this.#siteOf(id, `receive-${id}`),
      deleteSite: this.#siteOf(id, `delete-${id}`),
    };
  }

  #host(): FunctionsHost {
    const lambda = this;
    const next = (at: number) => {
      this.#number[at] = (this.#number[at]! + 1) | 0;
      return this.#number[at]!;
    };
    return {
      environments: this.environments,
      parameters: this.#parameters,
      coldStartUs: this.#coldStartUs,
      poisoned: this.#poisoned,
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
      writtenOff: (fn: number) => {
        this.#countCompute(fn, this.#functions[fn]!.timeoutUs);
        this.#count(counted.errors, 1);
      },
      skipped: (records: number) => this.#count(counted.skipped, records),
    };
  }

  #countCompute(fn: number, durationUs: number): void {
    const { memoryGb } = this.#functions[fn]!;
    this.#count(counted.gigabyteSeconds, (memoryGb * durationUs) / 1_000_000);
  }

  #count(what: number, by: number): void {
    this.counts[what] = this.counts[what]! + by;
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
