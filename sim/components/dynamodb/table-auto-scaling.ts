import { TwinError } from "../../errors/twin-error.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { CloudWatch } from "../cloudwatch/cloudwatch.ts";
import { alarmState } from "../cloudwatch/judge-alarm.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import type { TableScalingSpec } from "./dynamodb-spec.ts";
import { capacityKind, type TableCapacity } from "./table-capacity.ts";

export interface TableScalingValues {
  readonly scaleOutDatapoints: number;
  readonly scaleInDatapoints: number;
  readonly scaleInPointsBelow: number;
  readonly capacityUpdateUs: number;
  readonly settleUs: number;
  readonly decreasesADay: number;
  readonly decreaseEveryUs: number;
}

const kinds = [
  { kind: capacityKind.read, name: "Read", min: "readUnitsMin", max: "readUnitsMax" },
  { kind: capacityKind.write, name: "Write", min: "writeUnitsMin", max: "writeUnitsMax" },
] as const;

/** How often a change that is still asked for is tried again. Assumption: a minute, as often as its metrics come. */
const repeatEveryUs = 60_000_000;
const dayUs = 86_400_000_000;

/**
 * Target tracking of a provisioned table, as Application Auto Scaling sets it up: a high alarm on two minutes in a row above the
 * target, a low alarm on fifteen well below it, both through CloudWatch and blind when that is. What was throttled is not
 * consumed, so a table that is far too small grows by the target's inverse at a time. New capacity is there once the table has
 * been updated; decreases are rationed.
 */
export class TableAutoScaling {
  readonly #fabric: Fabric;
  readonly #table: { readonly id: string; readonly index: number };
  readonly #spec: TableScalingSpec;
  readonly #values: TableScalingValues;
  readonly #capacity: TableCapacity;
  readonly #gains: PeriodGains;
  /** Units that the table is being updated to, by kind; 0 when it is not. */
  readonly #updatingTo: Float64Array;
  /** When the table had its present capacity, by kind: what was measured before speaks of another. */
  readonly #updatedAtUs: Float64Array;
  /** Decreases that today still allows outright, and when the last one was. */
  readonly #decreases: Float64Array;
  readonly #repeating: Uint8Array;
  readonly #frozen: Uint8Array;
  /** Filled when the platform starts: high and low alarm of each kind. */
  readonly #alarms: number[] = [];
  readonly #alarmChanged: HandlerId;
  readonly #repeat: HandlerId;
  readonly #updated: HandlerId;
  readonly #newDay: HandlerId;
  readonly #logKinds;

  constructor(
    fabric: Fabric,
    table: { readonly id: string; readonly index: number },
    spec: TableScalingSpec,
    options: { readonly values: TableScalingValues; readonly capacity: TableCapacity },
  ) {
    const { kernel, log } = fabric;
    const id = `${table.id}.scaling`;
    this.#fabric = fabric;
    this.#table = table;
    this.#spec = spec;
    this.#values = options.values;
    this.#capacity = options.capacity;
    this.#gains = new PeriodGains(kernel, `${id}.totals`, kinds.length);
    this.#updatingTo = kernel.float64Array(`${id}.updating-to`, kinds.length);
    this.#updatedAtUs = kernel.float64Array(`${id}.updated-at-us`, kinds.length).fill(-1e15);
    this.#decreases = kernel.float64Array(`${id}.decreases`, 2);
    this.#decreases[0] = options.values.decreasesADay;
    this.#decreases[1] = -1e15;
    this.#repeating = kernel.uint8Array(`${id}.repeating`, kinds.length);
    this.#frozen = kernel.uint8Array(`${id}.frozen`, 1);
    this.#alarmChanged = kernel.handler(`${id}.alarm-changed`, (alarm, state) => {
      const kind = Math.floor(this.#alarms.indexOf(alarm) / 2);
      if (state === alarmState.alarm && this.#repeating[kind] === 0) this.#act(kind);
    });
    this.#repeat = kernel.handler(`${id}.repeat`, (kind) => this.#act(kind));
    this.#updated = kernel.handler(`${id}.updated`, (kind, seq) => this.#finish(kind, seq));
    this.#newDay = kernel.handler(`${id}.new-day`, () => {
      this.#decreases[0] = this.#values.decreasesADay;
      kernel.schedule(dayUs, this.#newDay);
    });
    this.#logKinds = {
      scaleOut: log.kind("auto-scaling.capacity-raised", "decide"),
      scaleIn: log.kind("auto-scaling.capacity-lowered", "decide"),
      updated: log.kind("dynamodb.capacity-updated", "act"),
    };
    this.#publishMetrics();
  }

  start(): void {
    const { kernel } = this.#fabric;
    const cloudwatch = this.#cloudwatch();
    const { scaleOutDatapoints, scaleInDatapoints, scaleInPointsBelow } = this.#values;
    for (const { name } of kinds) {
      const base = { component: this.#table.id, metric: `${name}CapacityUtilization` } as const;
      const alarms = [
        cloudwatch.addAlarm({
          ...base,
          id: `${this.#table.id}-${name.toLowerCase()}-high`,
          comparison: ">",
          threshold: this.#spec.targetPercent,
          periods: scaleOutDatapoints,
        }),
        cloudwatch.addAlarm({
          ...base,
          id: `${this.#table.id}-${name.toLowerCase()}-low`,
          comparison: "<",
          threshold: Math.max(0, this.#spec.targetPercent - scaleInPointsBelow),
          periods: scaleInDatapoints,
        }),
      ];
      for (const alarm of alarms) cloudwatch.subscribe(alarm, this.#alarmChanged);
      this.#alarms.push(...alarms);
    }
    kernel.schedule(dayUs, this.#newDay);
  }

  setFrozen(frozen: boolean): void {
    this.#frozen[0] = frozen ? 1 : 0;
  }

  #act(kind: number): void {
    const { kernel } = this.#fabric;
    const cloudwatch = this.#cloudwatch();
    const [high, low] = this.#alarms.slice(2 * kind, 2 * kind + 2) as [number, number];
    const isHigh = cloudwatch.stateOf(high) === alarmState.alarm;
    const isLow = cloudwatch.stateOf(low) === alarmState.alarm;
    this.#repeating[kind] = isHigh || isLow ? 1 : 0;
    if (!isHigh && !isLow) return;
    kernel.schedule(repeatEveryUs, this.#repeat, kind);
    if (this.#frozen[0] === 1 || this.#updatingTo[kind]! > 0) return;
    if (kernel.nowUs - this.#updatedAtUs[kind]! < this.#values.settleUs) return;
    const alarm = isHigh ? high : low;
    const percent = cloudwatch.latestReadable(alarm);
    const { targetPercent } = this.#spec;
    if (Number.isNaN(percent) || percent > targetPercent !== isHigh) return;
    const now = this.#capacity.limit(kind);
    const { min, max } = kinds[kind]!;
    const wanted = Math.ceil((now * percent) / targetPercent);
    const units = Math.min(this.#spec[max], Math.max(this.#spec[min], wanted));
    if (units === now || (units < now && !this.#mayDecrease())) return;
    const logKind = units > now ? this.#logKinds.scaleOut : this.#logKinds.scaleIn;
    const place = { component: this.#table.index };
    const seq = this.#fabric.log.append(logKind, place, cloudwatch.seqOf(alarm), units);
    this.#updatingTo[kind] = units;
    kernel.schedule(this.#values.capacityUpdateUs, this.#updated, kind, seq);
  }

  /** A few decreases a day at any time, then one an hour. */
  #mayDecrease(): boolean {
    const { nowUs } = this.#fabric.kernel;
    if (this.#decreases[0]! > 0) this.#decreases[0] = this.#decreases[0]! - 1;
    else if (nowUs - this.#decreases[1]! < this.#values.decreaseEveryUs) return false;
    this.#decreases[1] = nowUs;
    return true;
  }

  #finish(kind: number, causeSeq: number): void {
    const units = this.#updatingTo[kind]!;
    this.#updatingTo[kind] = 0;
    this.#updatedAtUs[kind] = this.#fabric.kernel.nowUs;
    this.#capacity.setTableUnits(kind, units);
    const place = { component: this.#table.index };
    this.#fabric.log.append(this.#logKinds.updated, place, causeSeq, units);
  }

  #publishMetrics(): void {
    const { metrics, kernel } = this.#fabric;
    const capacity = this.#capacity;
    const base = { namespace: "AWS/DynamoDB", component: this.#table.index } as const;
    const sampledUs = kernel.float64Array(`${this.#table.id}.scaling.sampled-us`, kinds.length);
    for (const { kind, name } of kinds) {
      metrics.add({
        ...base,
        name: `Provisioned${name}CapacityUnits`,
        unit: "Count",
        sample: () => capacity.limit(kind),
      });
      metrics.add({
        ...base,
        name: `${name}CapacityUtilization`,
        unit: "Percent",
        sample: () => {
          const seconds = (kernel.nowUs - sampledUs[kind]!) / 1_000_000;
          sampledUs[kind] = kernel.nowUs;
          const units = this.#gains.gain(kind, capacity.consumed(kind));
          return seconds > 0 ? (100 * units) / seconds / capacity.limit(kind) : Number.NaN;
        },
      });
    }
  }

  #cloudwatch(): CloudWatch {
    const { cloudwatch } = this.#spec;
    const component = this.#fabric.components.find((each) => each.id === cloudwatch);
    if (component instanceof CloudWatch) return component;
    throw new TwinError({
      code: "dynamodb.cloudwatch-unfit",
      problem: `"${cloudwatch}", through which the scaling of "${this.#table.id}" sees, is no cloudwatch component`,
      remedy: "Name the topology's cloudwatch component",
      at: `/components/${this.#table.id}/scaling/cloudwatch`,
    });
  }
}
