import type { EventLog } from "../../components/fabric/event-log.ts";
import type { HandlerId, Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { CostAlarmSpec } from "../scenario-types.ts";
import type { CostMeter } from "./cost-meter.ts";

/** Assumption: CloudWatch gets estimated charges "several times daily"; four times a day here. */
const updateEverySecondsDefault = 21_600;

/**
 * Bounds on what a day or a week may cost. Billing data is hours old: a bound that has been passed is noticed when the
 * data is next updated, and not before.
 */
export class CostWatch {
  readonly #kernel: Kernel;
  readonly #log: EventLog;
  readonly #meter: CostMeter;
  readonly #alarms: readonly CostAlarmSpec[];
  /** Event by which each alarm was raised, or `none`; it stays raised until its period is over. */
  readonly #raisedSeq: Int32Array;
  readonly #updated: HandlerId;
  readonly #kinds: readonly number[];
  /** Those who listen, by alarm; added at assembly. */
  readonly #subscribers: readonly HandlerId[][];

  constructor(kernel: Kernel, log: EventLog, meter: CostMeter, alarms: readonly CostAlarmSpec[]) {
    this.#kernel = kernel;
    this.#log = log;
    this.#meter = meter;
    this.#alarms = alarms;
    this.#raisedSeq = kernel.int32Array("cost-watch.raised-seq", alarms.length).fill(none);
    this.#updated = kernel.handler("cost-watch.updated", (alarm) => this.#look(alarm));
    this.#kinds = alarms.map(({ id }) => log.kind(`billing.${id}.alarm-raised`, "detect"));
    this.#subscribers = alarms.map(() => []);
  }

  start(): void {
    for (const [alarm, { updateAtSeconds }] of this.#alarms.entries()) {
      this.#kernel.schedule(Math.round(updateAtSeconds * 1_000_000), this.#updated, alarm);
    }
  }

  /** Number of an alarm by its id, or `none`. */
  alarmNumber(id: string): number {
    return this.#alarms.findIndex((each) => each.id === id);
  }

  /** Has a handler run, with (alarm, event), when the alarm is raised. */
  subscribe(alarm: number, handler: HandlerId): void {
    this.#subscribers[alarm]!.push(handler);
  }

  /** Alarms with the events by which they were raised. */
  get raisedAlarms(): readonly {
    readonly spec: CostAlarmSpec;
    readonly raises: readonly number[];
  }[] {
    return this.#alarms.map((spec, alarm) => {
      const seq = this.#raisedSeq[alarm]!;
      return { spec, raises: seq === none ? [] : [seq] };
    });
  }

  #look(alarm: number): void {
    const { services, usdMax, spentUsd, updateEverySeconds } = this.#alarms[alarm]!;
    const everySeconds = updateEverySeconds ?? updateEverySecondsDefault;
    this.#kernel.schedule(Math.round(everySeconds * 1_000_000), this.#updated, alarm);
    const usd = spentUsd + this.#meter.usdOf(services);
    if (usd <= usdMax || this.#raisedSeq[alarm] !== none) return;
    const seq = this.#log.append(this.#kinds[alarm]!, {}, none, usd);
    this.#raisedSeq[alarm] = seq;
    for (const handler of this.#subscribers[alarm]!) {
      this.#kernel.schedule(0, handler, alarm, seq);
    }
  }
}
