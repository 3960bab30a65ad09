import { MistakeList } from "../../errors/twin-error.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { CloudWatchSpec } from "./cloudwatch-spec.ts";

/** Most periods an alarm may look at. */
const periodsMax = 30;

/** Refuses alarms on metrics that are not there, or not taken in here, and rules that no alarm can have. */
export function checkAlarms(
  fabric: Fabric,
  { id, alarms }: CloudWatchSpec,
  takesIn: (component: number) => boolean,
): void {
  const mistakes = new MistakeList();
  const { components, metrics } = fabric;
  for (const spec of alarms) {
    const at = `/components/${id}/alarms/${spec.id}`;
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
    if (!takesIn(component.index)) {
      mistakes.add({
        code: "cloudwatch.component-elsewhere",
        problem: `Alarm "${spec.id}" watches "${spec.component}", whose metrics go to the CloudWatch of another region`,
        remedy: `Declare the alarm with the cloudwatch component of ${fabric.regionOf(component.index) ?? "the first region"}`,
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
  mistakes.throwIfAny(`Component "${id}"`);
}
