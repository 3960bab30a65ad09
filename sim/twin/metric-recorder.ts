import { CloudWatch } from "../components/cloudwatch/cloudwatch.ts";
import type { AssembledFabric } from "../components/fabric/assemble.ts";
import type { MetricSource } from "../components/fabric/metrics.ts";
import type { RecordingHead } from "./recording/recording-types.ts";

/**
 * Keeps what CloudWatch was told, period by period. Nothing in the simulation reads it; it is registered, so that a
 * restored run goes on with the periods of the run whose place it takes.
 */
export class MetricRecorder {
  readonly #fabric: AssembledFabric;
  readonly #cloudWatch: CloudWatch | undefined;
  readonly #metricCount: number;
  readonly #periodsMax: number;
  /** Values by period and metric, in the order of `publishedMetrics`. */
  readonly #values: Float64Array;

  constructor(fabric: AssembledFabric, durationUs: number) {
    this.#fabric = fabric;
    const cloudWatch = fabric.components.find((component) => component instanceof CloudWatch);
    this.#cloudWatch = cloudWatch;
    this.#metricCount = cloudWatch?.publishedMetrics.length ?? 0;
    this.#periodsMax = cloudWatch === undefined ? 0 : Math.floor(durationUs / cloudWatch.periodUs);
    const cells = this.#metricCount * this.#periodsMax;
    this.#values = fabric.kernel.float64Array("metric-recorder.values", cells).fill(Number.NaN);
  }

  /** Takes the last complete period over; called before each frame. */
  sample(): void {
    const period = (this.#cloudWatch?.periodCount ?? 0) - 1;
    if (this.#cloudWatch === undefined || period < 0 || period >= this.#periodsMax) return;
    this.#values.set(this.#cloudWatch.published, period * this.#metricCount);
  }

  record(): NonNullable<RecordingHead["metrics"]> | undefined {
    const cloudWatch = this.#cloudWatch;
    if (cloudWatch === undefined) return undefined;
    const { components } = this.#fabric;
    // The last period is sampled at the very end of a run, after its last frame may have been taken.
    this.sample();
    const complete = Math.min(cloudWatch.periodCount, this.#periodsMax);
    return {
      periodSeconds: cloudWatch.periodUs / 1_000_000,
      series: cloudWatch.publishedMetrics.map((source, at) => ({
        namespace: source.namespace,
        name: source.name,
        statistic: source.statistic ?? statisticOf(source),
        unit: source.unit,
        component: components[source.component]!.id,
        ...(source.dimension === undefined ? {} : { dimension: source.dimension }),
        values: Array.from({ length: complete }, (_, period) => {
          const value = this.#values[period * this.#metricCount + at]!;
          return Number.isFinite(value) ? value : null;
        }),
      })),
    };
  }
}

/** Counts that are a state, not a number of happenings: their statistic is an average. */
const gauges =
  /^(.*TaskCount|.*HostCount|ApproximateNumberOf.*|DatabaseConnections|CurrConnections|ConcurrentExecutions)$/;

function statisticOf({ name, unit }: MetricSource): string {
  return unit === "Count" && !gauges.test(name) ? "Sum" : "Average";
}
