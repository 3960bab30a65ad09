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
  /** One for each region, or one for all. */
  readonly #cloudWatches: readonly CloudWatch[];
  readonly #metricCount: number;
  readonly #periodsMax: number;
  /** Values by period and metric, in the order of `publishedMetrics`. */
  readonly #values: Float64Array;

  constructor(fabric: AssembledFabric, durationUs: number) {
    this.#fabric = fabric;
    const all = fabric.components.filter((component) => component instanceof CloudWatch);
    const periodUs = all[0]?.periodUs ?? durationUs;
    this.#cloudWatches = all.filter((each) => each.periodUs === periodUs);
    this.#metricCount = this.#cloudWatches.reduce(
      (sum, each) => sum + each.publishedMetrics.length,
      0,
    );
    this.#periodsMax = all.length === 0 ? 0 : Math.floor(durationUs / periodUs);
    const cells = this.#metricCount * this.#periodsMax;
    this.#values = fabric.kernel.float64Array("metric-recorder.values", cells).fill(Number.NaN);
  }

  /** Takes the last complete period over; called before each frame. */
  sample(): void {
    let first = 0;
    for (const cloudWatch of this.#cloudWatches) {
      const period = cloudWatch.periodCount - 1;
      if (period >= 0 && period < this.#periodsMax) {
        this.#values.set(cloudWatch.published, period * this.#metricCount + first);
      }
      first += cloudWatch.published.length;
    }
  }

  record(): NonNullable<RecordingHead["metrics"]> | undefined {
    const [cloudWatch] = this.#cloudWatches;
    if (cloudWatch === undefined) return undefined;
    const { components } = this.#fabric;
    // The last period is sampled at the very end of a run, after its last frame may have been taken.
    this.sample();
    const complete = Math.min(cloudWatch.periodCount, this.#periodsMax);
    return {
      periodSeconds: cloudWatch.periodUs / 1_000_000,
      series: this.#cloudWatches
        .flatMap((each) => each.publishedMetrics)
        .map((source, at) => ({
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
