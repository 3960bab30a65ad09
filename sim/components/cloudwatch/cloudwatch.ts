import { MistakeList } from "../../errors/twin-error.ts";
import { assumption, fromFact, usFromFact, valuesOf } from "../../facts/parameter.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel, Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { MetricSource } from "../fabric/metrics.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { AlarmSpec, CloudWatchSpec } from "./cloudwatch-spec.ts";
import { alarmState, judgeAlarm } from "./judge-alarm.ts";

/** Datapoints kept of each metric: more than any alarm looks at. */
const periodsKept = 64;

/** Most periods an alarm may look at. */
const periodsMax = 30;

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
 * CloudWatch shows the platform as it was: counts are taken at the end of each minute, levels are read every second and
 * shown by their mean or maximum over the minute; a datapoint can be read one or two minutes later, and alarms look at what can be read once a minute, each at its own second. Everything that scales or
 * pages looks through this. A fault can blind it (nothing new arrives, ever) or delay it.
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
  /** Numbers of the metrics that it takes in, and the unwatched ones among them; found by `start`. Assembly only. */
  #watched: readonly number[] = [];
  /** As above. Assembly only. */
  #unwatched: readonly MetricSource[] = [];
  /** Added while the platform is assembled, never afterwards. */
  readonly #alarms: Alarm[] = [];
  readonly #alarmState: Uint8Array;
  readonly #alarmSeq: Int32Array;
  /** Events by which each alarm was raised, and how many there were; nothing in the simulation reads them. */
  readonly #raises: Int32Array;
  readonly #raiseCount: Int32Array;
  /** Whether nothing is taken in, and how many periods have passed. */
  readonly #isBlind: Uint8Array;
  readonly #periodCount: Int32Array;
  readonly #extraLagUs: Float64Array;
  readonly #lagDraw: KeyedStream;
  readonly #phaseDraw: KeyedStream;
  readonly #sample: HandlerId;
  readonly #read: HandlerId;
  readonly #evaluate: HandlerId;
  readonly #kinds;
  /** Value by metric and period, made by `start`, when all metrics are known. Assembly only. */
  #value: Float64Array = new Float64Array(0);
  /** Readings of this period of each metric that is a level, watched ones first. Made by `start`. Assembly only. */
  #readingSum: Float64Array = new Float64Array(0);
  /** As above. Assembly only. */
  #readingMax: Float64Array = new Float64Array(0);
  /** As above. Assembly only. */
  #readingCount: Float64Array = new Float64Array(0);
  /** Metrics that are levels, by position in `publishedMetrics`, and those metrics. Assembly only. */
  #levels: readonly number[] = [];
  /** As above. Assembly only. */
  #all: readonly MetricSource[] = [];
  /** From when on each value can be read. Assembly only. */
  #readableAtUs: Float64Array = new Float64Array(0);
  /** Values of the last period, those of unwatched metrics behind the others. Made by `start`. Assembly only. */
  #published: Float64Array = new Float64Array(0);

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
    this.#isBlind = kernel.uint8Array(`${spec.id}.is-blind`, 1);
    this.#periodCount = kernel.int32Array(`${spec.id}.period-count`, 1);
    this.#extraLagUs = kernel.float64Array(`${spec.id}.extra-lag-us`, 1);
    this.#lagDraw = kernel.keyed(`${spec.id}.delivery-lag`);
    this.#phaseDraw = kernel.keyed(`${spec.id}.evaluation-phase`);
    this.#sample = kernel.handler(`${spec.id}.sample`, () => this.#sampleAll());
    this.#read = kernel.handler(`${spec.id}.read-levels`, () => {
      // The last reading of a period is taken with its datapoint.
      if (kernel.nowUs % this.#values.periodUs !== 0) this.#readLevels();
      kernel.schedule(this.#values.levelReadUs, this.#read);
    });
    this.#evaluate = kernel.handler(`${spec.id}.evaluate`, (alarm) => this.#evaluateAlarm(alarm));
    this.#kinds = {
      raised: log.kind("cloudwatch.alarm-raised", "detect"),
      cleared: log.kind("cloudwatch.alarm-cleared", "info"),
      starved: log.kind("cloudwatch.alarm-without-data", "info"),
    };
  }

  start(): void {
    const { kernel, metrics } = this.#fabric;
    this.#watched = [...metrics.sources.keys()].filter((at) =>
      this.#takesIn(metrics.sources[at]!.component),
    );
    this.#unwatched = metrics.unwatched.filter(({ component }) => this.#takesIn(component));
    const cells = metrics.sources.length * periodsKept;
    this.#value = kernel.float64Array(`${this.id}.value`, cells).fill(Number.NaN);
    this.#readableAtUs = kernel
      .float64Array(`${this.id}.readable-at-us`, cells)
      .fill(Number.POSITIVE_INFINITY);
    this.#published = kernel.float64Array(
      `${this.id}.published`,
      this.#watched.length + this.#unwatched.length,
    );
    this.#all = this.publishedMetrics;
    this.#levels = [...this.#all.keys()].filter((at) => this.#all[at]!.isLevel === true);
    this.#readingSum = kernel.float64Array(`${this.id}.reading-sum`, this.#all.length);
    this.#readingMax = kernel.float64Array(`${this.id}.reading-max`, this.#all.length);
    this.#readingCount = kernel.float64Array(`${this.id}.reading-count`, this.#all.length);
    this.#checkAlarms();
    for (const alarm of this.#spec.alarms) this.addAlarm(alarm);
    kernel.schedule(this.#values.periodUs, this.#sample);
    kernel.schedule(this.#values.levelReadUs, this.#read);
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
    return this.#isBlind[0] === 1 || this.#extraLagUs[0]! > 0;
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
      const value = this.#readable(source, back);
      if (!Number.isNaN(value)) return value;
    }
    return Number.NaN;
  }

  /** While blind, CloudWatch takes nothing in: what happens then is never shown, not even later. */
  setBlind(blind: boolean): void {
    this.#isBlind[0] = blind ? 1 : 0;
  }

  /** Makes datapoints sampled from now on readable so many microseconds later than usual. */
  setExtraLag(extraLagUs: number): void {
    this.#extraLagUs[0] = extraLagUs;
  }

  /** Complete periods so far. */
  get periodCount(): number {
    return this.#periodCount[0]!;
  }

  get periodUs(): number {
    return this.#values.periodUs;
  }

  /** Metrics in the order of `published`. */
  get publishedMetrics(): readonly MetricSource[] {
    const { sources } = this.#fabric.metrics;
    return [...this.#watched.map((at) => sources[at]!), ...this.#unwatched];
  }

  /** What the last complete period showed, whoever could read it by now; NaN where nothing was published. */
  get published(): Float64Array {
    return this.#published;
  }

  #readLevels(): void {
    for (const at of this.#levels) {
      const value = this.#all[at]!.sample();
      if (Number.isNaN(value)) continue;
      const isFirst = this.#readingCount[at] === 0;
      this.#readingMax[at] = isFirst ? value : Math.max(this.#readingMax[at]!, value);
      this.#readingSum[at] = this.#readingSum[at]! + value;
      this.#readingCount[at] = this.#readingCount[at]! + 1;
    }
  }

  /** What a metric shows of the period that ends now. */
  #shown(at: number): number {
    const source = this.#all[at]!;
    if (source.isLevel !== true) return source.sample();
    const count = this.#readingCount[at]!;
    const sum = this.#readingSum[at]!;
    this.#readingSum[at] = 0;
    this.#readingCount[at] = 0;
    if (count === 0) return Number.NaN;
    return source.statistic === "Maximum" ? this.#readingMax[at]! : sum / count;
  }

  /**
   * Whether a component's metrics come here. Where each region has a CloudWatch, a component's go to that of its region,
   * and those of what is global to the first: sampled twice, a count would be shared out between the two.
   */
  #takesIn(component: number): boolean {
    const { components } = this.#fabric;
    const own = this.#fabric.regionOf(this.index);
    const region = this.#fabric.regionOf(component);
    if (own !== undefined && own === region) return true;
    const isFirst = components.find(isCloudWatch)?.index === this.index;
    return isFirst && (own === undefined || region === undefined);
  }

  #sampleAll(): void {
    const { kernel } = this.#fabric;
    this.#readLevels();
    const { periodUs, deliveryLagUsMin, deliveryLagUsMax } = this.#values;
    const period = this.#periodCount[0]!;
    const cell = period % periodsKept;
    const isBlind = this.#isBlind[0] === 1;
    const watchedCount = this.#watched.length;
    for (let at = 0; at < this.#unwatched.length; at += 1) {
      const value = this.#shown(watchedCount + at);
      this.#published[watchedCount + at] = isBlind ? Number.NaN : value;
    }
    for (let position = 0; position < watchedCount; position += 1) {
      const source = this.#watched[position]!;
      // Asked even when blind: a counter that is not read now would show its growth later as a spike.
      const value = this.#shown(position);
      const share = this.#lagDraw.uniform(source, period, 0);
      const lagUs = deliveryLagUsMin + share * (deliveryLagUsMax - deliveryLagUsMin);
      const at = source * periodsKept + cell;
      this.#value[at] = isBlind ? Number.NaN : value;
      this.#published[position] = this.#value[at]!;
      this.#readableAtUs[at] = kernel.nowUs + lagUs + this.#extraLagUs[0]!;
    }
    this.#periodCount[0] = period + 1;
    kernel.schedule(periodUs, this.#sample);
  }

  /** Datapoint of `back` periods ago (1: the last complete one) as far as it can be read; NaN otherwise. */
  #readable(source: number, back: number): number {
    const period = this.#periodCount[0]! - back;
    if (period < 0 || back > periodsKept) return Number.NaN;
    const at = source * periodsKept + (period % periodsKept);
    return this.#readableAtUs[at]! <= this.#fabric.kernel.nowUs ? this.#value[at]! : Number.NaN;
  }

  #evaluateAlarm(alarm: number): void {
    const { kernel } = this.#fabric;
    const { spec, source } = this.#alarms[alarm]!;
    kernel.schedule(this.#values.evaluationEveryS * 1_000_000, this.#evaluate, alarm);
    // The past before the run is not missing data; the alarm waits until its periods can be there.
    const range = spec.periods + this.#values.evaluationRangeExtra;
    if (this.#periodCount[0]! < range) return;
    let found = 0;
    let breaching = 0;
    let oldestAge = 0;
    for (let back = 1; back <= range && found < spec.periods; back += 1) {
      const value = this.#readable(source, back);
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

  #checkAlarms(): void {
    const mistakes = new MistakeList();
    const { components, metrics } = this.#fabric;
    for (const spec of this.#spec.alarms) {
      const at = `/components/${this.id}/alarms/${spec.id}`;
      const component = components.find((each) => each.id === spec.component);
      if (component === undefined) {
        mistakes.add({
          code: "cloudwatch.component-unknown",
          problem: `Alarm "${spec.id}" watches "${spec.component}", which the topology does not have`,
          remedy: `Use one of ${components.map((each) => each.id).join(", ")}`,
          at,
        });
        continue;
      }
      const known = metrics.sources.filter((each) => each.component === component.index);
      if (!this.#takesIn(component.index)) {
        mistakes.add({
          code: "cloudwatch.component-elsewhere",
          problem: `Alarm "${spec.id}" watches "${spec.component}", whose metrics go to the CloudWatch of another region`,
          remedy: `Declare the alarm with the cloudwatch component of ${this.#fabric.regionOf(component.index) ?? "the first region"}`,
          at,
        });
      }
      if (!known.some((each) => each.name === spec.metric)) {
        mistakes.add({
          code: "cloudwatch.metric-unknown",
          problem: `Alarm "${spec.id}" watches the metric "${spec.metric}", which "${spec.component}" does not publish`,
          remedy: `Use one of ${known.map((each) => each.name).join(", ")}`,
          at,
        });
      }
      const m = spec.datapointsToAlarm ?? spec.periods;
      if (!(spec.periods >= 1 && spec.periods <= periodsMax && m >= 1 && m <= spec.periods)) {
        mistakes.add({
          code: "cloudwatch.periods-out-of-range",
          problem: `Alarm "${spec.id}" wants ${m} datapoints of ${spec.periods}`,
          remedy: `Use 1 to ${periodsMax} periods, and no more datapoints than periods`,
          at,
        });
      }
    }
    mistakes.throwIfAny(`Component "${this.id}"`);
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
      {
        name: "alarms-raised",
        unit: "alarms",
        kind: "level",
        read: () => count(alarmState.alarm),
      },
      {
        name: "alarms-without-data",
        unit: "alarms",
        kind: "level",
        read: () => count(alarmState.insufficientData),
      },
    ];
  }

  parameters() {
    return this.#parameters;
  }
}

export function createCloudWatch(fabric: Fabric, index: number, spec: CloudWatchSpec): CloudWatch {
  return new CloudWatch(fabric, index, spec);
}

function isCloudWatch({ service }: Component): boolean {
  return service === "cloudwatch";
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
