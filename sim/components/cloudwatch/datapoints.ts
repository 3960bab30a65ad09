import type { HandlerId } from "../../kernel/kernel.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { MetricSource } from "../fabric/metrics.ts";

/** Datapoints kept of each metric: more than any alarm looks at. */
const periodsKept = 64;

export interface DatapointsOptions {
  readonly id: string;
  /** Number of the CloudWatch that takes the metrics in. */
  readonly component: number;
  readonly periodUs: number;
  readonly deliveryLagUsMin: number;
  readonly deliveryLagUsMax: number;
  readonly levelReadUs: number;
}

/**
 * What can be read of each metric, and from when on. Counts are taken at the end of each period, levels are read every
 * second and shown by their mean or maximum over the period; a datapoint can be read one or two minutes later.
 */
export class Datapoints {
  readonly #fabric: Fabric;
  readonly #options: DatapointsOptions;
  /** Numbers of the watched metrics that are taken in, and the unwatched ones; found by `start`. Assembly only. */
  #watched: readonly number[] = [];
  /** As above. Assembly only. */
  #unwatched: readonly MetricSource[] = [];
  /** Whether nothing is taken in, and how many periods have passed. */
  readonly #isBlind: Uint8Array;
  readonly #periodCount: Int32Array;
  readonly #extraLagUs: Float64Array;
  readonly #lagDraw: KeyedStream;
  readonly #sample: HandlerId;
  readonly #read: HandlerId;
  /** Value by metric and period, made by `start`, when all metrics are known. Assembly only. */
  #value: Float64Array = new Float64Array(0);
  /** Readings of this period of each metric that is a level, watched ones first. Made by `start`. Assembly only. */
  #readingSum: Float64Array = new Float64Array(0);
  /** As above. Assembly only. */
  #readingMax: Float64Array = new Float64Array(0);
  /** As above. Assembly only. */
  #readingCount: Float64Array = new Float64Array(0);
  /** Metrics that are levels, by position in `metrics`, and those metrics. Assembly only. */
  #levels: readonly number[] = [];
  /** As above. Assembly only. */
  #metrics: readonly MetricSource[] = [];
  /** From when on each value can be read. Assembly only. */
  #readableAtUs: Float64Array = new Float64Array(0);
  /** Values of the last period, in the order of `metrics`. Made by `start`. Assembly only. */
  #published: Float64Array = new Float64Array(0);

  constructor(fabric: Fabric, options: DatapointsOptions) {
    const { kernel } = fabric;
    const { id } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#isBlind = kernel.uint8Array(`${id}.is-blind`, 1);
    this.#periodCount = kernel.int32Array(`${id}.period-count`, 1);
    this.#extraLagUs = kernel.float64Array(`${id}.extra-lag-us`, 1);
    this.#lagDraw = kernel.keyed(`${id}.delivery-lag`);
    this.#sample = kernel.handler(`${id}.sample`, () => this.#sampleAll());
    this.#read = kernel.handler(`${id}.read-levels`, () => {
      // The last reading of a period is taken with its datapoint.
      if (kernel.nowUs % options.periodUs !== 0) this.#readLevels();
      kernel.schedule(options.levelReadUs, this.#read);
    });
  }

  /** Begins to take metrics in; all are known by now. */
  start(): void {
    const { kernel, metrics } = this.#fabric;
    const { id, periodUs, levelReadUs } = this.#options;
    this.#watched = [...metrics.sources.keys()].filter((at) =>
      this.takesIn(metrics.sources[at]!.component),
    );
    this.#unwatched = metrics.unwatched.filter(({ component }) => this.takesIn(component));
    this.#metrics = [...this.#watched.map((at) => metrics.sources[at]!), ...this.#unwatched];
    const count = this.#metrics.length;
    const cells = metrics.sources.length * periodsKept;
    this.#value = kernel.float64Array(`${id}.value`, cells).fill(Number.NaN);
    this.#readableAtUs = kernel
      .float64Array(`${id}.readable-at-us`, cells)
      .fill(Number.POSITIVE_INFINITY);
    this.#published = kernel.float64Array(`${id}.published`, count);
    this.#levels = [...this.#metrics.keys()].filter((at) => this.#metrics[at]!.isLevel === true);
    this.#readingSum = kernel.float64Array(`${id}.reading-sum`, count);
    this.#readingMax = kernel.float64Array(`${id}.reading-max`, count);
    this.#readingCount = kernel.float64Array(`${id}.reading-count`, count);
    kernel.schedule(periodUs, this.#sample);
    kernel.schedule(levelReadUs, this.#read);
  }

  /**
   * Whether a component's metrics come here. Where each region has a CloudWatch, a component's go to that of its region,
   * and those of what is global to the first: sampled twice, a count would be shared out between the two.
   */
  takesIn(component: number): boolean {
    const { components } = this.#fabric;
    const own = this.#fabric.regionOf(this.#options.component);
    const region = this.#fabric.regionOf(component);
    if (own !== undefined && own === region) return true;
    const isFirst = components.find(isCloudWatch)?.index === this.#options.component;
    return isFirst && (own === undefined || region === undefined);
  }

  /** While blind, nothing is taken in: what happens then is never shown, not even later. */
  setBlind(blind: boolean): void {
    this.#isBlind[0] = blind ? 1 : 0;
  }

  /** Makes datapoints sampled from now on readable so many microseconds later than usual. */
  setExtraLag(extraLagUs: number): void {
    this.#extraLagUs[0] = extraLagUs;
  }

  /** Whether nothing is taken in now, or it is shown late. */
  get isImpaired(): boolean {
    return this.#isBlind[0] === 1 || this.#extraLagUs[0]! > 0;
  }

  /** Complete periods so far. */
  get periodCount(): number {
    return this.#periodCount[0]!;
  }

  /** Metrics that are taken in, those that no alarm may watch behind the others. */
  get metrics(): readonly MetricSource[] {
    return this.#metrics;
  }

  /** What the last complete period showed, in the order of `metrics`; NaN where nothing was published. */
  get published(): Float64Array {
    return this.#published;
  }

  /** Datapoint of `back` periods ago (1: the last complete one) as far as it can be read; NaN otherwise. */
  readable(source: number, back: number): number {
    const period = this.#periodCount[0]! - back;
    if (period < 0 || back > periodsKept) return Number.NaN;
    const at = source * periodsKept + (period % periodsKept);
    return this.#readableAtUs[at]! <= this.#fabric.kernel.nowUs ? this.#value[at]! : Number.NaN;
  }

  #readLevels(): void {
    for (const at of this.#levels) {
      const value = this.#metrics[at]!.sample();
      if (Number.isNaN(value)) continue;
      const isFirst = this.#readingCount[at] === 0;
      this.#readingMax[at] = isFirst ? value : Math.max(this.#readingMax[at]!, value);
      this.#readingSum[at] = this.#readingSum[at]! + value;
      this.#readingCount[at] = this.#readingCount[at]! + 1;
    }
  }

  /** What a metric shows of the period that ends now. */
  #shown(at: number): number {
    const source = this.#metrics[at]!;
    if (source.isLevel !== true) return source.sample();
    const count = this.#readingCount[at]!;
    const sum = this.#readingSum[at]!;
    this.#readingSum[at] = 0;
    this.#readingCount[at] = 0;
    if (count === 0) return Number.NaN;
    return source.statistic === "Maximum" ? this.#readingMax[at]! : sum / count;
  }

  #sampleAll(): void {
    const { kernel } = this.#fabric;
    this.#readLevels();
    const { periodUs, deliveryLagUsMin, deliveryLagUsMax } = this.#options;
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
}

function isCloudWatch({ service }: Component): boolean {
  return service === "cloudwatch";
}
