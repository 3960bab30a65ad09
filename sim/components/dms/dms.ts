import { TwinError } from "../../errors/twin-error.ts";
import { type Parameters, valuesOf } from "../../facts/parameter.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Aurora } from "../aurora/aurora.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { placesTalk, replicationDelayUs } from "../fabric/region-homes.ts";
import { ChangeLog } from "./change-log.ts";
import { dmsChannels, publishDmsMetrics } from "./dms-figures.ts";
import { type DmsValues, dmsDefaults } from "./dms-parameters.ts";
import type { DmsSpec } from "./dms-spec.ts";
import { ReplicationInstance } from "./replication-instance.ts";

const cell = {
  /** Changes, in the source's order, that are in the instance's memory, and that the target has. */
  captured: 0,
  applied: 1,
  /** Rows of the call under way; 0 when there is none. */
  applying: 2,
  actor: 3,
  /** Changes that will never reach the target. */
  missing: 4,
  /** When the last rows were applied, and until when the connection to the source is given up, microseconds. */
  appliedUs: 5,
  silentUntilUs: 6,
  /** Writer of the source that it is connected to. */
  writer: 7,
  calls: 8,
} as const;

/**
 * Change data capture by AWS DMS. Two stages with a queue each: changes are captured out of the source's log in the order of commits,
 * and applied to the target in groups. The source keeps its log until the target has what it says, so a stop costs lag; only a slot
 * that is made anew leaves a gap.
 *
 *   source commits -> log -> captured (memory) -> applied (target)
 *                     |   source latency      |  target latency
 */
export class Dms implements Component {
  readonly id: string;
  readonly service = "dms";
  readonly index: number;
  readonly operations: readonly Operation[] = [];
  readonly writesRowsOfManyUsers = true;
  readonly log: ChangeLog;
  readonly instance: ReplicationInstance;
  readonly #fabric: Fabric;
  readonly #spec: DmsSpec;
  readonly #parameters;
  readonly #values: DmsValues;
  readonly #cells: Float64Array;
  readonly #tick: HandlerId;
  readonly #restarted: number;
  readonly #resumed: number;
  /** Assembly only. */
  #source!: Aurora;
  /** Assembly only. */
  #apply = none;

  constructor(fabric: Fabric, index: number, spec: DmsSpec) {
    const { kernel, log } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#parameters = resolveParameters(spec.id, dmsDefaults, spec.parameters);
    this.#values = valuesOf(this.#parameters);
    this.log = new ChangeLog(kernel, spec.id);
    this.#cells = kernel.float64Array(`${spec.id}.progress`, Object.keys(cell).length);
    this.#cells[cell.actor] = none;
    this.#cells[cell.writer] = none;
    this.instance = new ReplicationInstance(fabric, {
      component: index,
      id: spec.id,
      zones: spec.zones.map((zone) => fabric.zone(zone)),
      values: this.#values,
      started: (tookOver, causeSeq) => this.#startTask(tookOver, causeSeq),
    });
    this.#tick = kernel.handler(`${spec.id}.tick`, () => this.#work());
    this.#restarted = log.kind("dms.task-restarted", "recover");
    this.#resumed = log.kind("dms.task-resumed", "recover");
    publishDmsMetrics(fabric, this);
  }

  start(): void {
    const { source } = this.#spec;
    const found = this.#fabric.components.find(({ id }) => id === source);
    this.#apply = this.#fabric.actorSite(this.id, "apply");
    if (found?.service !== "aurora" || this.#apply === none) {
      throw new TwinError({
        code: "dms.ends-unfit",
        problem: `"${this.id}" reads from "${source}" and ${this.#apply === none ? "has no call `apply`" : "that is no aurora cluster"}`,
        remedy:
          "Name an aurora component as its source, and declare an actor call `apply` of it that writes to the target",
        at: `/components/${this.id}/source`,
      });
    }
    this.#source = found as Aurora;
    this.#source.whenDurable((_data, rows) => this.log.add(rows));
    this.#cells[cell.writer] = this.#source.writerInstance;
    this.#cells[cell.actor] = this.#fabric.calls.startActor(this.instance.active, 0);
    this.instance.start();
    this.#fabric.kernel.schedule(this.#values.captureEveryUs, this.#tick);
  }

  /** Nobody calls it. */
  route(): number {
    return none;
  }

  resumed(_actor: number, _site: number, result: number): void {
    const rows = this.#cells[cell.applying]!;
    this.#cells[cell.applying] = 0;
    if (result !== outcome.ok) {
      // The group is tried again, after a pause.
      this.#cells[cell.appliedUs] = this.#fabric.kernel.nowUs + this.#values.applyRetryUs;
      return;
    }
    this.#cells[cell.applied] = this.appliedCount + rows;
    this.log.forgetBefore(this.appliedCount);
    if (
      this.waitingToApply >= this.#values.rowsPerCallMax &&
      this.#spec.applies === "transactional"
    )
      this.#applyNext();
    else this.#cells[cell.appliedUs] = this.#fabric.kernel.nowUs;
  }

  instanceFailed(instance: number, manner: FailureManner, _causeSeq: number): void {
    if (instance !== this.instance.active || manner === "hang") return;
    this.#cells[cell.applying] = 0;
    this.#cells[cell.actor] = none;
  }

  powerRestored(instance: number, causeSeq: number): void {
    this.#fabric.instances.column.causeSeq[instance] = causeSeq;
    this.instance.hostIsBack(instance);
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.instance.setFrozen(frozen);
  }

  /** Changes that the instance has read, that the target has, and that never reach it, of all that the source committed. */
  get capturedCount(): number {
    return this.#cells[cell.captured]!;
  }

  get appliedCount(): number {
    return this.#cells[cell.applied]!;
  }

  get missingCount(): number {
    return this.#cells[cell.missing]!;
  }

  get isRunning(): boolean {
    return this.instance.isRunning;
  }

  get waitingToApply(): number {
    return this.capturedCount - this.appliedCount;
  }

  /** Seconds by which the first change that has not been captured is old. */
  get sourceLatencySeconds(): number {
    return this.log.ageBeyond(this.capturedCount) / 1_000_000;
  }

  /** Seconds by which the target is behind the instance; with the source's latency the whole lag (dms.cdc.latency-sum). */
  get targetLatencySeconds(): number {
    const lag = this.log.ageBeyond(this.appliedCount) / 1_000_000;
    return Math.max(0, lag - this.sourceLatencySeconds);
  }

  channels(): readonly Channel[] {
    return dmsChannels(this);
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #work(): void {
    const { kernel } = this.#fabric;
    kernel.schedule(this.#values.captureEveryUs, this.#tick);
    this.log.mark();
    if (!this.instance.isRunning) return;
    if (this.#readsSource()) this.#capture();
    if (this.#cells[cell.applying] === 0 && this.#isDue()) this.#applyNext();
  }

  /** A connection to another writer is made once the old one has timed out. */
  #readsSource(): boolean {
    const { zones, instances, kernel } = this.#fabric;
    const writer = this.#source.writerInstance;
    if (writer !== this.#cells[cell.writer]) {
      this.#cells[cell.writer] = writer;
      this.#cells[cell.silentUntilUs] = kernel.nowUs + this.#values.walSenderTimeoutUs;
    }
    if (kernel.nowUs < this.#cells[cell.silentUntilUs]!) return false;
    const zone = instances.column.zone[writer]!;
    return (
      instances.column.status[writer] === status.up &&
      placesTalk(zones, [zone], [this.instance.zone])
    );
  }

  /** Nothing beyond the beginning of a transaction that is still open is handed on. */
  #capture(): void {
    const { captureEveryUs, changesPerSecond, decodeUs } = this.#values;
    if (this.#source.hasOpenTransaction) return;
    const { kernel, zones, instances } = this.#fabric;
    const zone = instances.column.zone[this.#source.writerInstance]!;
    const lateUs = replicationDelayUs(zones, [zone], [this.instance.zone]);
    if (lateUs === Number.POSITIVE_INFINITY) return;
    const decoded = this.log.endAt(kernel.nowUs - decodeUs - lateUs);
    const most = this.capturedCount + (changesPerSecond * captureEveryUs) / 1_000_000;
    this.#cells[cell.captured] = Math.max(this.capturedCount, Math.min(decoded, Math.floor(most)));
  }

  #isDue(): boolean {
    const waiting = this.waitingToApply;
    if (waiting === 0) return false;
    const { commitTimeoutUs, batchUsMin, batchUsMax, batchRows } = this.#values;
    const waitedUs = this.#fabric.kernel.nowUs - this.#cells[cell.appliedUs]!;
    if (this.#spec.applies === "transactional") return waitedUs >= commitTimeoutUs;
    return waitedUs >= batchUsMax || (waitedUs >= batchUsMin && waiting >= batchRows);
  }

  #applyNext(): void {
    const isBatch = this.#spec.applies === "batch";
    const most = isBatch ? this.#values.batchRows : this.#values.rowsPerCallMax;
    const rows = Math.min(this.waitingToApply, most);
    this.#cells[cell.applying] = rows;
    const call = (this.#cells[cell.calls]! + 1) | 0;
    this.#cells[cell.calls] = call;
    this.#fabric.calls.callAsActor(
      this.#cells[cell.actor]!,
      this.#apply,
      call,
      this.appliedCount | 0,
      rows,
    );
  }

  /** The instance's memory is empty: it reads again from what the target has, or a new slot begins here. */
  #startTask(tookOver: boolean, causeSeq: number): void {
    const { log, calls } = this.#fabric;
    this.#cells[cell.applying] = 0;
    this.#cells[cell.actor] = calls.startActor(this.instance.active, 0);
    const place = { component: this.index, instance: this.instance.active };
    if (tookOver || this.#spec.afterLoss === "resume") {
      this.#cells[cell.captured] = this.appliedCount;
      log.append(this.#resumed, place, causeSeq, this.log.end - this.appliedCount);
      return;
    }
    const gap = this.log.end - this.appliedCount;
    this.#cells[cell.missing] = this.missingCount + gap;
    this.#cells[cell.applied] = this.log.end;
    this.#cells[cell.captured] = this.log.end;
    this.log.forgetBefore(this.log.end);
    log.append(this.#restarted, place, causeSeq, gap);
  }
}

/** A replication instance of AWS DMS. */
export function createDms(fabric: Fabric, index: number, spec: DmsSpec): Dms {
  return new Dms(fabric, index, spec);
}
