import { factNumberAt } from "../../facts/facts.ts";
import type { QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { Executions } from "./executions.ts";
import type { FunctionsHost } from "./functions-host.ts";
import type { FunctionCall } from "./lambda-spec.ts";

/** What the service needs of a queue that feeds a function; receives and deletes are calls. */
export interface QueueSource {
  /** Requests of the batch that `readBatch` read last. */
  readonly batch: Int32Array;
  /** Reads the messages behind a receipt into `batch`; returns how many there are, 0 when it is no longer open. */
  readBatch(receipt: number): number;
  /** Registers, at assembly, that receives of a call site ask for so many messages at most. */
  limitReceives(site: number, most: number): void;
  /** Message groups that have messages to hand out. */
  readonly readyGroupCount: number;
}

/** A function that a queue feeds. */
export interface QueueFunction {
  /** Number of the function among those of its component. */
  readonly fn: number;
  readonly source: QueueSource;
  /** Most messages in one invocation. */
  readonly batchSizeMax: number;
  readonly durationUs: QuantileTable;
  readonly timeoutUs: number;
  readonly concurrencyMax: number;
  readonly calls: readonly FunctionCall[];
  readonly sites: readonly number[];
  readonly receiveSite: number;
  readonly deleteSite: number;
}

/** Kinds of draws; those of functions that streams feed are 0 and 1. */
const draw = { cold: 2, duration: 3 } as const;

/** Number of an environment's invocation before it has had one. */
const unused = 0;

/** Most messages of a receive that is made for a function. */
const batchMax = factNumberAt("lambda.sqs.batch-size", 1);

/**
 * Functions that a FIFO queue feeds. The service keeps as many receives open as there are message groups with something to
 * hand out, up to the function's concurrency; each is answered with a batch, which an environment works off in order and then
 * deletes. Nothing else of a group is handed out meanwhile. A batch that fails, is not answered, or whose environment dies
 * stays hidden until the queue's visibility time-out has passed, and comes again: at least once, in order.
 *
 *   receive -> environment (warm, or a cold start) -> work -> calls, one after the other -> delete -> receive
 */
export class QueueFunctions {
  readonly #fabric: Fabric;
  readonly #host: FunctionsHost;
  readonly #functions: readonly QueueFunction[];
  readonly #records: Int32Array;
  readonly #receipt: Int32Array;
  readonly #executions: Executions;
  readonly #again: HandlerId;

  constructor(
    fabric: Fabric,
    id: string,
    functions: readonly QueueFunction[],
    host: FunctionsHost,
  ) {
    const { kernel } = fabric;
    const { slotsMax } = host.environments;
    this.#fabric = fabric;
    this.#host = host;
    this.#functions = functions;
    for (const { source, receiveSite, batchSizeMax } of functions) {
      source.limitReceives(receiveSite, batchSizeMax);
    }
    this.#records = kernel.int32Array(`${id}.queue-records`, slotsMax * batchMax);
    this.#receipt = kernel.int32Array(`${id}.queue-receipt`, slotsMax).fill(none);
    this.#executions = new Executions(fabric, `${id}.queue`, host, {
      worked: (slot) => this.#worked(slot),
      timedOut: (slot) => this.#writeOff(slot),
    });
    this.#again = kernel.handler(`${id}.queue-again`, (slot, generation) => {
      const { environments } = host;
      if (environments.isUsed(slot) && environments.generation(slot) === generation) {
        this.#receive(slot);
      }
    });
  }

  /** Whether an environment belongs to a function that a queue feeds. */
  owns(slot: number): boolean {
    return this.#of(slot) !== undefined;
  }

  /** Opens receives, as many as the groups with messages and the concurrency ask for. */
  look(): void {
    for (const each of this.#functions) this.#topUp(each);
  }

  /** A call of an environment has ended. */
  resumed(slot: number, site: number, result: number, childData: number): void {
    const { environments } = this.#host;
    const each = this.#of(slot)!;
    if (site === each.receiveSite) {
      if (result !== outcome.ok) this.#receiveLater(slot);
      else if (childData === none) this.#receiveOrRetire(slot);
      else this.#begin(slot, each, childData);
      return;
    }
    if (environments.column.busy[slot] === 0) return;
    if (site === each.deleteSite) this.#finish(slot, result === outcome.ok);
    else if (result === outcome.ok || this.#fabric.sites[site]!.optional) this.#callNext(slot);
    else this.#finish(slot, false);
  }

  #topUp(each: QueueFunction): void {
    const { environments, parameters, quotaShare } = this.#host;
    const { column } = environments;
    let open = 0;
    let busy = 0;
    for (let slot = 0; slot < environments.slotsMax; slot += 1) {
      if (!environments.isUsed(slot) || column.fn[slot] !== each.fn) continue;
      open += 1;
      busy += column.busy[slot]!;
    }
    const asked = Math.max(parameters.queuePollersMin.value, busy + each.source.readyGroupCount);
    const wanted = Math.min(this.#most(each, quotaShare), asked);
    const more = Math.min(wanted - open, parameters.queuePollersPerSecond.value);
    for (let at = 0; at < more; at += 1) {
      if (!this.#host.takeLaunch(each.fn)) return;
      const slot = environments.launch(each.fn);
      if (slot === none) return;
      column.invocation[slot] = unused;
      column.idleSinceUs[slot] = this.#fabric.kernel.nowUs;
      this.#receipt[slot] = none;
      this.#receive(slot);
    }
  }

  #most({ concurrencyMax }: QueueFunction, quotaShare: number): number {
    return Math.max(1, Math.floor(concurrencyMax * quotaShare));
  }

  #receive(slot: number): void {
    this.#call(slot, this.#of(slot)!.receiveSite, none);
  }

  #receiveLater(slot: number): void {
    const { environments, parameters } = this.#host;
    this.#fabric.kernel.schedule(
      parameters.retryUsFirst.value,
      this.#again,
      slot,
      environments.generation(slot),
    );
  }

  /** Receives that are more than the function's concurrency allows by now are not made again. */
  #receiveOrRetire(slot: number): void {
    const { environments, quotaShare } = this.#host;
    const { column } = environments;
    const each = this.#of(slot)!;
    let open = 0;
    for (let other = 0; other < environments.slotsMax; other += 1) {
      if (environments.isUsed(other) && column.fn[other] === each.fn) open += 1;
    }
    column.idleSinceUs[slot] = this.#fabric.kernel.nowUs;
    if (open > this.#most(each, quotaShare)) environments.end(slot);
    else this.#receive(slot);
  }

  #begin(slot: number, each: QueueFunction, receipt: number): void {
    const { column } = this.#host.environments;
    if (!this.#host.hasRoom) {
      // The batch stays hidden until its visibility time-out, and comes again.
      this.#host.throttled();
      this.#receiveLater(slot);
      return;
    }
    const count = each.source.readBatch(receipt);
    for (let at = 0; at < count; at += 1) {
      this.#records[slot * batchMax + at] = each.source.batch[at]!;
    }
    const isCold = column.invocation[slot] === unused;
    column.symbolAt[slot] = 0;
    column.symbolCount[slot] = count;
    this.#receipt[slot] = receipt;
    const { fn, durationUs, timeoutUs } = each;
    this.#executions.begin(slot, { fn, durationUs, timeoutUs, isCold, draw });
  }

  /** The function's own work is over: it has failed at a record, or makes its calls. */
  #worked(slot: number): void {
    const { column } = this.#host.environments;
    const fn = column.fn[slot]!;
    for (let at = 0; at < column.symbolCount[slot]!; at += 1) {
      const record = this.#records[slot * batchMax + at]!;
      if (this.#host.poisoned.failureAt(fn, record) === none) continue;
      this.#finish(slot, false);
      return;
    }
    this.#callNext(slot);
  }

  /** The next call of the function; behind the last of them the batch is deleted. */
  #callNext(slot: number): void {
    const { column } = this.#host.environments;
    const each = this.#of(slot)!;
    const at = column.callAt[slot]!;
    const call = each.calls[at];
    if (call === undefined) {
      this.#call(slot, each.deleteSite, this.#receipt[slot]!);
      return;
    }
    const record = column.symbolAt[slot]!;
    const isLast = call.per !== "record" || record + 1 >= column.symbolCount[slot]!;
    column.callAt[slot] = isLast ? at + 1 : at;
    column.symbolAt[slot] = isLast ? 0 : record + 1;
    this.#call(slot, each.sites[at]!, this.#records[slot * batchMax + record]!);
  }

  #call(slot: number, site: number, data: number): void {
    const actor = this.#host.environments.column.actor[slot]!;
    this.#fabric.calls.callAsActor(actor, site, this.#host.nextCall(), data, 1);
  }

  /** The invocation has ended; what was not deleted comes again. */
  #finish(slot: number, isWell: boolean): void {
    const { environments } = this.#host;
    if (!environments.isHeard(slot)) return;
    const { column } = environments;
    const durationUs = this.#executions.end(slot);
    this.#receipt[slot] = none;
    const records = isWell ? column.symbolCount[slot]! : 0;
    this.#host.ended(column.fn[slot]!, durationUs, records, !isWell);
    this.#receiveOrRetire(slot);
  }

  /** No answer within the function's time-out: the environment is written off. */
  #writeOff(slot: number): void {
    const { environments } = this.#host;
    const each = this.#of(slot)!;
    this.#receipt[slot] = none;
    environments.writeOff(slot);
    this.#host.ended(each.fn, each.timeoutUs, 0, true);
  }

  #of(slot: number): QueueFunction | undefined {
    const fn = this.#host.environments.column.fn[slot];
    for (const each of this.#functions) if (each.fn === fn) return each;
    return undefined;
  }
}
