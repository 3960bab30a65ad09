/** A CloudWatch metric as a component publishes it. */
export interface MetricSource {
  /** As AWS has it: `AWS/ECS`. */
  readonly namespace: string;
  /** As AWS has it: `CPUUtilization`. */
  readonly name: string;
  /** Statistic over the period, where it is not the obvious one: `p99`. */
  readonly statistic?: string;
  /** Component the metric is about. */
  readonly component: number;
  /** Dimension beside the component's own, such as the target group of a load balancer. */
  readonly dimension?: { readonly name: string; readonly value: string };
  readonly unit: "Percent" | "Count" | "Milliseconds" | "Seconds" | "Bytes" | "None";
  /**
   * A level that comes and goes within a period: it is read every second, as agents do, and what is shown for the period
   * is the mean of its readings, or the greatest when the statistic is `Maximum`. Else the value counts over the period.
   */
  readonly isLevel?: true;
  /** Value since the last call, a period or a reading ago, or as it stands now; `NaN` when there is nothing to report. */
  sample(): number;
}

/** All metrics that exist; the CloudWatch component samples, delays and delivers them. */
export class MetricRegistry {
  readonly sources: MetricSource[] = [];
  /** Metrics that are published, and that no alarm of the twin may look at: they are sampled first in each period. */
  readonly unwatched: MetricSource[] = [];

  /** Registers a metric at assembly and returns its number. */
  add(source: MetricSource): number {
    this.sources.push(source);
    return this.sources.length - 1;
  }

  /** Registers a metric at assembly that is published for whoever exports it. */
  addUnwatched(source: MetricSource): void {
    this.unwatched.push(source);
  }

  /** Number of a metric by component and name, or -1. */
  find(component: number, name: string): number {
    return this.sources.findIndex(
      (source) => source.component === component && source.name === name,
    );
  }
}
