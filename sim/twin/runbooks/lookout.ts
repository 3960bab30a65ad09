import type { CloudWatch } from "../../components/cloudwatch/cloudwatch.ts";
import { alarmState } from "../../components/cloudwatch/judge-alarm.ts";
import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { none } from "../../kernel/none.ts";
import type { CostWatch } from "../cost/cost-watch.ts";
import type { ServiceLevels } from "../service-levels.ts";
import type { BusinessFunction } from "../topology-types.ts";
import { type CompiledDetection, type CompiledRunbook, waysMax } from "./compile-runbook.ts";
import { causeOfOutage, isOutOfService } from "./detection.ts";
import { drawOf, phase } from "./runbook-phases.ts";
import type { DetectionSpec } from "./runbook-types.ts";

/** What people can look at. */
export interface LookoutOptions {
  readonly levels: ServiceLevels;
  /** Components that a function rests on. */
  readonly componentsOf: (businessFunction: BusinessFunction) => ReadonlySet<string>;
  /** Alarms on what a day or a week costs. */
  readonly costWatch: CostWatch;
  /** Alarms before are nobody's: the platform is warming up. */
  readonly fromUs: number;
}

/** Who acts on what is noticed; runbooks are named by their position. */
export interface LookoutListener {
  /** Whether the people of a runbook wait for something to happen. */
  isWatching(at: number): boolean;
  /** Log entry of a runbook's completion, or `none`. */
  completedSeq(at: number): number;
  /** Something has happened; `alarmSeq` is the event of the alarm that told, or `none`. */
  noticed(at: number, cause: number, alarmSeq: number): void;
}

/**
 * How people come to know that something is wrong: an alarm rings, a probe fails, clients call, or a runbook that theirs
 * follows on is done. None of these shows the truth behind it.
 */
export class Lookout {
  readonly #fabric: AssembledFabric;
  readonly #options: LookoutOptions;
  readonly #runbooks: readonly CompiledRunbook[];
  readonly #listener: LookoutListener;
  /** By way: since when its function is out, or the runbook before it completed, microseconds; -1 when not. */
  readonly #sinceUs: Float64Array;

  constructor(
    fabric: AssembledFabric,
    options: LookoutOptions,
    runbooks: readonly CompiledRunbook[],
    listener: LookoutListener,
  ) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.#options = options;
    this.#runbooks = runbooks;
    this.#listener = listener;
    this.#sinceUs = kernel.float64Array("runbooks.watch", runbooks.length * waysMax).fill(-1);
    const alarmed = kernel.handler("runbooks.alarmed", (alarm, state, seq) => {
      if (state === alarmState.alarm) this.#hearAlarm(alarm, seq);
    });
    const costAlarmed = kernel.handler("runbooks.cost-alarmed", (alarm, seq) =>
      this.#hearCostAlarm(alarm, seq),
    );
    for (const { ways } of runbooks) {
      for (const { spec } of ways) {
        if (spec.source !== "alarm") continue;
        const onCost = options.costWatch.alarmNumber(spec.alarm);
        if (onCost !== none) options.costWatch.subscribe(onCost, costAlarmed);
        const cloudWatch = this.#cloudWatchWith(spec.alarm);
        cloudWatch?.subscribe(cloudWatch.alarmNumber(spec.alarm), alarmed);
      }
    }
  }

  /** Looks for what the people of a runbook that is not under way would see now. */
  look(at: number): void {
    for (const way of this.#runbooks[at]!.ways) {
      if (way.spec.source === "runbook") {
        const cause = this.#completedBefore(at, way);
        if (cause === none) continue;
        this.#listener.noticed(at, cause, none);
        return;
      }
      if (way.level !== none && this.#isNoticed(at, way)) {
        this.#listener.noticed(at, this.#causeFor(way.spec), none);
        return;
      }
    }
  }

  /** Log entry of the runbook that this one follows on, once it has been completed for so long; `none` before. */
  #completedBefore(at: number, way: CompiledDetection): number {
    if (way.spec.source !== "runbook") return none;
    const id = way.spec.runbook;
    const before = this.#runbooks.findIndex(({ spec }) => spec.id === id);
    const completedSeq = before < 0 ? none : this.#listener.completedSeq(before);
    if (completedSeq === none) return none;
    return this.#lastedUs(way) >= this.#waitUs(at, way) ? completedSeq : none;
  }

  #isNoticed(at: number, way: CompiledDetection): boolean {
    const isOut = isOutOfService(this.#options.levels, way.level, this.#fabric.kernel.nowUs);
    if (!isOut) {
      this.#sinceUs[way.number] = -1;
      return false;
    }
    const outUs = this.#lastedUs(way);
    if (way.spec.source === "probe") {
      return outUs >= way.spec.everySeconds * 1_000_000 * (way.spec.failuresInARow - 1);
    }
    return outUs >= this.#waitUs(at, way);
  }

  /** Microseconds since it was first seen that what a way watches for is there. */
  #lastedUs({ number }: CompiledDetection): number {
    const { nowUs } = this.#fabric.kernel;
    if (this.#sinceUs[number]! < 0) this.#sinceUs[number] = nowUs;
    return nowUs - this.#sinceUs[number]!;
  }

  /** Microseconds that it must last before people act on it. */
  #waitUs(at: number, { after, drawKey }: CompiledDetection): number {
    return this.#runbooks[at]!.luck.draw(after, phase.watching, drawKey, drawOf.time);
  }

  #hearAlarm(alarm: number, seq: number): void {
    const { kernel, log } = this.#fabric;
    if (kernel.nowUs < this.#options.fromUs) return;
    const about = log.entry(seq).component;
    this.#runbooks.forEach(({ ways }, at) => {
      const isOurs = ways.some(
        ({ spec }) =>
          spec.source === "alarm" &&
          this.#cloudWatchWith(spec.alarm)?.alarmNumber(spec.alarm) === alarm,
      );
      if (!isOurs || !this.#listener.isWatching(at)) return;
      this.#listener.noticed(
        at,
        causeOfOutage(this.#fabric, (component) => component === about),
        seq,
      );
    });
  }

  #hearCostAlarm(alarm: number, seq: number): void {
    this.#runbooks.forEach(({ ways }, at) => {
      const isOurs = ways.some(
        ({ spec }) =>
          spec.source === "alarm" && this.#options.costWatch.alarmNumber(spec.alarm) === alarm,
      );
      if (isOurs && this.#listener.isWatching(at)) this.#listener.noticed(at, seq, seq);
    });
  }

  #cloudWatchWith(alarm: string): CloudWatch | undefined {
    return this.#fabric.components.find(
      (each): each is CloudWatch =>
        each.service === "cloudwatch" && (each as CloudWatch).alarmNumber(alarm) !== none,
    );
  }

  #causeFor(way: DetectionSpec): number {
    if (way.source === "alarm" || way.source === "runbook") return none;
    const ids = this.#options.componentsOf(way.function);
    return causeOfOutage(this.#fabric, (component) =>
      ids.has(this.#fabric.components[component]!.id),
    );
  }
}
