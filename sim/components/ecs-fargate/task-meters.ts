import { instanceHours, type Meter, type MeterSource, times } from "../fabric/meter.ts";

/** What a task reserves. */
interface TaskSize {
  readonly vcpu: number;
  readonly memoryGb: number;
}

/**
 * vCPU and memory of Fargate tasks, for as long as each is paid for: from the pull of its image to its end.
 * `leastCount` tasks stand whatever the load; what scaling adds comes and goes with it.
 */
export function taskMeters(
  source: MeterSource,
  size: TaskSize,
  leastCount: number | undefined,
): readonly Meter[] {
  const { region } = source;
  const hours = instanceHours(source);
  const meter = (price: Meter["price"], what: string, perTask: number): Meter => ({
    price,
    region,
    what,
    ...(leastCount === undefined
      ? { follows: "time" as const }
      : { follows: "load" as const, leastPerHour: leastCount * perTask }),
    read: times(perTask, hours),
  });
  return [
    meter("fargate.vcpu-hour", "vCPU of tasks", size.vcpu),
    meter("fargate.gb-hour", "memory of tasks", size.memoryGb),
  ];
}
