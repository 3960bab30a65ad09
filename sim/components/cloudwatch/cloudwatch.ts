import { assumption, fromFact, usFromFact, valuesOf } from "../../facts/parameter.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { type Channel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { MetricSource } from "../fabric/metrics.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { checkAlarms } from "./check-alarms.ts";
import type { AlarmSpec, CloudWatchSpec } from "./cloudwatch-spec.ts";
import { Datapoints } from "./datapoints.ts";
import { alarmState, judgeAlarm } from "./judge-alarm.ts";

/** Times that an alarm is raised of which the events are remembered: the first ones. */
const raisesKept = 32;

/** Alarms that others add besides the declared ones. */
const alarmsAddedMax = 64;

const defaults = {
  periodUs: usFromFact("cloudwatch.metric.standard-period-s"),
  deliveryLagUsMin: usFromFact("cloudwatch.metric.delivery-lag-s", 0),
  deliveryLagUsMax: usFromFact("cloudwatch.metric.delivery-lag-s", 1),
  levelReadUs: assumption(
    1_000_000,
    "us",
    "How often agents and services read what goes up and down within a period; AWS documents the period only",
  ),
  evaluationEveryS: fromFact("cloudwatch.alarm.evaluation-every-s", 0),
  evaluationRangeExtra: assumption(
    2,
    "periods",
    "An alarm fetches somewhat more than its periods; the documented example for 3 of 3 shows a range of 5",
  ),
};

/** A rule that is in force; made of an `AlarmSpec` or by an auto scaling policy. */
interface Alarm {
  readonly spec: AlarmSpec;
  readonly source: number;
  readonly subscribers: HandlerId[];
}

/**
 * CloudWatch shows the platform as it was, a minute or two ago, and its alarms look at what can be read: once a minute,
 * each at its own second. Everything that scales or pages looks through this. A fault can blind it (nothing new arrives,
 * ever) or delay it.
 */
export class CloudWatch implements Component {
  readonly id: string;
  readonly service = "cloudwatch";
  readonly index: number;
  readonly operations: readonly Operation[] = [];
  readonly #fabric: Fabric;
  readonly #spec: CloudWatchSpec;
  readonly #parameters;
  readonly #values;
  /** Added while the platform is assembled, never afterwards. */
  readonly #alarms: Alarm[] = [];
  readonly #datapoints: Datapoints;
  readonly #alarmState: Uint8Array;
  readonly #alarmSeq: Int32Array;
  /** Events by which each alarm was raised, and how many there were; nothing in the simulation reads them. */
  readonly #raises: Int32Array;
  readonly #raiseCount: Int32Array;
  readonly #phaseDraw: KeyedStream;
  readonly #evaluate: HandlerId;
  readonly #kinds;
  constructor(fabric: Fabric, index: number, spec: CloudWatchSpec) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#spec = spec;
    this.id = spec.id;
    this.index = index;
    this.#parameters = resolveParameters(spec.id, defaults, spec.parameters);
    this.#values = valuesOf(this.#parameters);
    const alarmsMax = spec.alarms.length + alarmsAddedMax;
    this.#alarmState = kernel
      .uint8Array(`${spec.id}.alarm.state`, alarmsMax)
      .fill(alarmState.insufficientData);
    this.#alarmSeq = kernel.int32Array(`${spec.id}.alarm.seq`, alarmsMax).fill(none);
    this.#raises = kernel.int32Array(`${spec.id}.alarm.raises`, alarmsMax * raisesKept);
    this.#raiseCount = kernel.int32Array(`${spec.id}.alarm.raise-count`, alarmsMax);
    this.#datapoints = new Datapoints(fabric, { id: spec.id, component: index, ...this.#values });
    this.#phaseDraw = kernel.keyed(`${spec.id}.evaluation-phase`);
    this.#evaluate = kernel.handler(`${spec.id}.evaluate`, (alarm) => this.#evaluateAlarm(alarm));
    this.#kinds = {
      raised: log.kind("cloudwatch.alarm-raised", "detect"),
      cleared: log.kind("cloudwatch.alarm-cleared", "info"),
      starved: log.kind("cloudwatch.alarm-without-data", "info"),
    };
  }

  start(): void {
    checkAlarms(this.#fabric, this.#spec, (component) => this.#datapoints.takesIn(component));
    for (const alarm of this.#spec.alarms) this.addAlarm(alarm);
    this.#datapoints.start();
  }

  /** Puts an alarm in force and returns its number. While the platform is assembled only. */
  addAlarm(spec: AlarmSpec): number {
    const { kernel, metrics } = this.#fabric;
    const component = this.#fabric.component(spec.component).index;
    const alarm = this.#alarms.length;
    if (alarm >= this.#alarmState.length) throw new RangeError("raise alarmsAddedMax");
    const source = metrics.find(component, spec.metric);
    this.#alarms.push({ spec, source, subscribers: [] });
    const everyUs = this.#values.evaluationEveryS * 1_000_000;
    const phaseUs = Math.floor(this.#phaseDraw.uniform(component, source, alarm) * everyUs);
    kernel.schedule(phaseUs, this.#evaluate, alarm);
    return alarm;
  }

  /** Has a handler run, with (alarm, state, event), whenever the alarm changes its state. */
  subscribe(alarm: number, handler: HandlerId): void {
    this.#alarms[alarm]!.subscribers.push(handler);
  }

  /** Number of a declared alarm by its id, or `none`. */
  alarmNumber(id: string): number {
    return this.#alarms.findIndex(({ spec }) => spec.id === id);
  }

  /** Whether what it shows is of no use now: nothing is taken in, or it is shown late. */
  get isImpaired(): boolean {
    return this.#datapoints.isImpaired;
  }

  stateOf(alarm: number): number {
    return this.#alarmState[alarm]!;
  }

  /** Event of the alarm's last change of state, or `none`. */
  seqOf(alarm: number): number {
    return this.#alarmSeq[alarm]!;
  }

  /** Alarms in force with the events by which they were raised, the first ones of each. */
  get raisedAlarms(): readonly { readonly spec: AlarmSpec; readonly raises: readonly number[] }[] {
    return this.#alarms.map(({ spec }, alarm) => {
      const count = Math.min(this.#raiseCount[alarm]!, raisesKept);
      const from = alarm * raisesKept;
      return { spec, raises: [...this.#raises.subarray(from, from + count)] };
    });
  }

  /** Most recent datapoint of an alarm's metric that can be read now; NaN when the last few minutes are all missing. */
  latestReadable(alarm: number): number {
    const { source } = this.#alarms[alarm]!;
    // Delivery takes up to two periods, so what is fresh lies within these.
    const range = this.#values.evaluationRangeExtra + 2;
    for (let back = 1; back <= range; back += 1) {
      const value = this.#datapoints.readable(source, back);
      if (!Number.isNaN(value)) return value;
    }
    return Number.NaN;
  }

  /** While blind, CloudWatch takes nothing in: what happens then is never shown, not even later. */
  setBlind(blind: boolean): void {
    this.#datapoints.setBlind(blind);
  }

  /** Makes datapoints sampled from now on readable so many microseconds later than usual. */
  setExtraLag(extraLagUs: number): void {
    this.#datapoints.setExtraLag(extraLagUs);
  }

  /** Complete periods so far. */
  get periodCount(): number {
    return this.#datapoints.periodCount;
  }

  get periodUs(): number {
    return this.#values.periodUs;
  }

  /** Metrics in the order of `published`. */
  get publishedMetrics(): readonly MetricSource[] {
    return this.#datapoints.metrics;
  }

  /** What the last complete period showed, whoever could read it by now; NaN where nothing was published. */
  get published(): Float64Array {
    return this.#datapoints.published;
  }

  #evaluateAlarm(alarm: number): void {
    const { kernel } = this.#fabric;
    const { spec, source } = this.#alarms[alarm]!;
    kernel.schedule(this.#values.evaluationEveryS * 1_000_000, this.#evaluate, alarm);
    // The past before the run is not missing data; the alarm waits until its periods can be there.
    const range = spec.periods + this.#values.evaluationRangeExtra;
    if (this.periodCount < range) return;
    let found = 0;
    let breaching = 0;
    let oldestAge = 0;
    for (let back = 1; back <= range && found < spec.periods; back += 1) {
      const value = this.#datapoints.readable(source, back);
      if (Number.isNaN(value)) continue;
      found += 1;
      oldestAge = back;
      if (breaches(value, spec)) breaching += 1;
    }
    const before = this.#alarmState[alarm]!;
    const rule = {
      periods: spec.periods,
      datapointsToAlarm: spec.datapointsToAlarm ?? spec.periods,
      missingData: spec.missingData ?? "missing",
    };
    const after = judgeAlarm({ found, breaching, oldestAge }, rule, before);
    if (after !== before) this.#change(alarm, before, after);
  }

  #change(alarm: number, before: number, after: number): void {
    const { kernel, log } = this.#fabric;
    const { source, subscribers } = this.#alarms[alarm]!;
    const component = this.#fabric.metrics.sources[source]!.component;
    this.#alarmState[alarm] = after;
    const isNews = after === alarmState.alarm || before === alarmState.alarm;
    const isStarved = after === alarmState.insufficientData;
    if (isNews || isStarved) {
      let kind = this.#kinds.cleared;
      if (after === alarmState.alarm) kind = this.#kinds.raised;
      else if (isStarved) kind = this.#kinds.starved;
      // A metric has no causes, only values: what raised the alarm is for people to find out.
      const cause = after === alarmState.alarm ? none : this.#alarmSeq[alarm]!;
      const latest = this.latestReadable(alarm);
      const shown = Number.isNaN(latest) ? 0 : latest;
      this.#alarmSeq[alarm] = log.append(kind, { component }, cause, shown);
      if (after === alarmState.alarm) this.#remember(alarm);
    }
    for (const handler of subscribers) {
      kernel.schedule(0, handler, alarm, after, this.#alarmSeq[alarm]!);
    }
  }

  #remember(alarm: number): void {
    const count = this.#raiseCount[alarm]!;
    this.#raiseCount[alarm] = count + 1;
    if (count < raisesKept) this.#raises[alarm * raisesKept + count] = this.#alarmSeq[alarm]!;
  }

  route(): number {
    return none;
  }

  instanceFailed(): void {
    // It has no instances: a regional service that is hit as a whole, by `setBlind` and `setExtraLag`.
  }

  powerRestored(): void {
    // As above.
  }

  channels(): readonly Channel[] {
    const count = (state: number) => {
      let total = 0;
      for (let alarm = 0; alarm < this.#alarms.length; alarm += 1) {
        if (this.#alarmState[alarm] === state) total += 1;
      }
      return total;
    };
    return [
      levelChannel("alarms-raised", "alarms", () => count(alarmState.alarm)),
      levelChannel("alarms-without-data", "alarms", () => count(alarmState.insufficientData)),
    ];
  }

  parameters() {
    return this.#parameters;
  }
}

export function createCloudWatch(fabric: Fabric, index: number, spec: CloudWatchSpec): CloudWatch {
  return new CloudWatch(fabric, index, spec);
}

function breaches(value: number, { comparison, threshold }: AlarmSpec): boolean {
  switch (comparison) {
    case ">":
      return value > threshold;
    case ">=":
      return value >= threshold;
    case "<":
      return value < threshold;
    case "<=":
      return value <= threshold;
  }
}
