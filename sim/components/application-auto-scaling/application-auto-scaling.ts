import { MistakeList, TwinError } from "../../errors/twin-error.ts";
import { assumption, usFromFact, valuesOf } from "../../facts/parameter.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { CloudWatch } from "../cloudwatch/cloudwatch.ts";
import { alarmState } from "../cloudwatch/judge-alarm.ts";
import { EcsFargate } from "../ecs-fargate/ecs-fargate.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel, Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { AutoScalingSpec } from "./application-auto-scaling-spec.ts";

const defaults = {
  scaleOutCooldownUs: usFromFact("aas.target-tracking.cooldown-ecs-s", 0),
  scaleInCooldownUs: usFromFact("aas.target-tracking.cooldown-ecs-s", 1),
  scaleOutDatapoints: assumption(
    3,
    "one-minute points in a row",
    "aas.target-tracking.scale-out-datapoints says 3 of 3 in words, from memory",
  ),
  scaleInDatapoints: assumption(
    15,
    "one-minute points in a row",
    "aas.target-tracking.scale-in-datapoints says 15 of 15 in words",
  ),
  scaleInShare: assumption(
    0.9,
    "share of the target",
    "aas.target-tracking.scale-in-datapoints: the low alarm stands at about 90 % of the target",
  ),
  repeatEveryUs: usFromFact("cloudwatch.metric.standard-period-s"),
};

/** What a tracked service and its two alarms are called here. */
interface Tracked {
  readonly service: EcsFargate;
  readonly targetPercent: number;
  readonly countMin: number;
  readonly countMax: number;
  readonly highAlarm: number;
  readonly lowAlarm: number;
}

/**
 * Target tracking on the CPU of ECS services, as the service sets it up: a high alarm (3 of 3 minutes above the
 * target) adds tasks in proportion, a low alarm (15 of 15 below nine tenths of it) takes them away. It sees only
 * what CloudWatch shows, and without fresh data it does nothing. While an alarm stands, the action repeats each minute.
 *
 * Inside the scale-out cooldown the step is reckoned from what there was before the last one, so that tasks which are
 * still starting are not added twice; a larger step is allowed. Any scale-out ends a scale-in cooldown.
 */
export class ApplicationAutoScaling implements Component {
  readonly id: string;
  readonly service = "application-auto-scaling";
  readonly index: number;
  readonly operations: readonly Operation[] = [];
  readonly #fabric: Fabric;
  readonly #spec: AutoScalingSpec;
  readonly #parameters;
  readonly #values;
  /** Filled when the platform starts, in the order of the targets. */
  readonly #tracked: Tracked[] = [];
  readonly #scaledOutAtUs: Float64Array;
  readonly #scaledInAtUs: Float64Array;
  /** Wanted before the scale-out that began the present cooldown. */
  readonly #countBefore: Int32Array;
  readonly #repeating: Uint8Array;
  readonly #frozen: Uint8Array;
  readonly #alarmChanged: HandlerId;
  readonly #repeat: HandlerId;
  readonly #kinds;

  constructor(fabric: Fabric, index: number, spec: AutoScalingSpec) {
    const { kernel, log } = fabric;
    const count = spec.targets.length;
    this.#fabric = fabric;
    this.#spec = spec;
    this.id = spec.id;
    this.index = index;
    this.#parameters = resolveParameters(spec.id, defaults, spec.parameters);
    this.#values = valuesOf(this.#parameters);
    this.#scaledOutAtUs = kernel.float64Array(`${spec.id}.scaled-out-at-us`, count).fill(-1e15);
    this.#scaledInAtUs = kernel.float64Array(`${spec.id}.scaled-in-at-us`, count).fill(-1e15);
    this.#countBefore = kernel.int32Array(`${spec.id}.count-before`, count);
    this.#repeating = kernel.uint8Array(`${spec.id}.repeating`, count);
    this.#frozen = kernel.uint8Array(`${spec.id}.frozen`, 1);
    this.#alarmChanged = kernel.handler(`${spec.id}.alarm-changed`, (alarm, state) => {
      const at = this.#tracked.findIndex(
        (each) => each.highAlarm === alarm || each.lowAlarm === alarm,
      );
      if (state === alarmState.alarm && this.#repeating[at] === 0) this.#act(at);
    });
    this.#repeat = kernel.handler(`${spec.id}.repeat`, (at) => this.#act(at));
    this.#kinds = {
      scaleOut: log.kind("auto-scaling.scale-out-decided", "decide"),
      scaleIn: log.kind("auto-scaling.scale-in-decided", "decide"),
    };
  }

  start(): void {
    const mistakes = new MistakeList();
    const cloudwatch = this.#cloudwatch();
    for (const id of this.#spec.targets) {
      const service = this.#fabric.components.find((each) => each.id === id);
      if (!(service instanceof EcsFargate) || service.scaling === undefined) {
        mistakes.add({
          code: "auto-scaling.target-unfit",
          problem: `"${id}" is no ecs-fargate service with a "scaling"`,
          remedy:
            "Give the service targetCpuPercent, taskCountMin and taskCountMax, or leave it out",
          at: `/components/${this.id}/targets`,
        });
        continue;
      }
      this.#track(service, cloudwatch);
    }
    mistakes.throwIfAny(`Component "${this.id}"`);
  }

  #track(service: EcsFargate, cloudwatch: CloudWatch): void {
    const { scaleOutDatapoints, scaleInDatapoints, scaleInShare } = this.#values;
    const { targetCpuPercent, taskCountMin, taskCountMax } = service.scaling!;
    const base = { component: service.id, metric: "CPUUtilization" } as const;
    const highAlarm = cloudwatch.addAlarm({
      ...base,
      id: `${service.id}-target-tracking-high`,
      comparison: ">",
      threshold: targetCpuPercent,
      periods: scaleOutDatapoints,
    });
    const lowAlarm = cloudwatch.addAlarm({
      ...base,
      id: `${service.id}-target-tracking-low`,
      comparison: "<",
      threshold: targetCpuPercent * scaleInShare,
      periods: scaleInDatapoints,
    });
    cloudwatch.subscribe(highAlarm, this.#alarmChanged);
    cloudwatch.subscribe(lowAlarm, this.#alarmChanged);
    this.#tracked.push({
      service,
      targetPercent: targetCpuPercent,
      countMin: taskCountMin,
      countMax: taskCountMax,
      highAlarm,
      lowAlarm,
    });
  }

  /** Acts on the alarms of a service as they stand, and again in a minute while one of them stands. */
  #act(at: number): void {
    const { kernel } = this.#fabric;
    const { highAlarm, lowAlarm } = this.#tracked[at]!;
    const cloudwatch = this.#cloudwatch();
    const isHigh = cloudwatch.stateOf(highAlarm) === alarmState.alarm;
    const isLow = cloudwatch.stateOf(lowAlarm) === alarmState.alarm;
    this.#repeating[at] = isHigh || isLow ? 1 : 0;
    if (!isHigh && !isLow) return;
    kernel.schedule(this.#values.repeatEveryUs, this.#repeat, at);
    if (this.#frozen[0] === 1) return;
    if (isHigh) this.#scaleOut(at, cloudwatch);
    else this.#scaleIn(at, cloudwatch);
  }

  #scaleOut(at: number, cloudwatch: CloudWatch): void {
    const { kernel } = this.#fabric;
    const { service, targetPercent, countMax, highAlarm } = this.#tracked[at]!;
    const cpuPercent = cloudwatch.latestReadable(highAlarm);
    const now = service.fleet.desiredCount;
    // Nothing runs that could show a load: target tracking cannot start from zero.
    if (now === 0 || !(cpuPercent > targetPercent)) return;
    const cooling = kernel.nowUs - this.#scaledOutAtUs[at]! < this.#values.scaleOutCooldownUs;
    const before = cooling ? this.#countBefore[at]! : now;
    const wanted = Math.min(countMax, Math.ceil((before * cpuPercent) / targetPercent));
    if (wanted <= now) return;
    this.#countBefore[at] = before;
    this.#scaledOutAtUs[at] = kernel.nowUs;
    this.#scaledInAtUs[at] = -1e15;
    this.#decide(at, this.#kinds.scaleOut, wanted, cloudwatch.seqOf(highAlarm));
  }

  #scaleIn(at: number, cloudwatch: CloudWatch): void {
    const { kernel } = this.#fabric;
    const { service, targetPercent, countMin, lowAlarm } = this.#tracked[at]!;
    const cpuPercent = cloudwatch.latestReadable(lowAlarm);
    const now = service.fleet.desiredCount;
    if (Number.isNaN(cpuPercent) || cpuPercent >= targetPercent) return;
    if (kernel.nowUs - this.#scaledInAtUs[at]! < this.#values.scaleInCooldownUs) return;
    if (kernel.nowUs - this.#scaledOutAtUs[at]! < this.#values.scaleOutCooldownUs) return;
    const wanted = Math.max(countMin, 1, Math.ceil((now * cpuPercent) / targetPercent));
    if (wanted >= now) return;
    this.#scaledInAtUs[at] = kernel.nowUs;
    this.#decide(at, this.#kinds.scaleIn, wanted, cloudwatch.seqOf(lowAlarm));
  }

  #decide(at: number, kind: number, wanted: number, alarmSeq: number): void {
    const { service } = this.#tracked[at]!;
    const place = { component: service.index };
    const seq = this.#fabric.log.append(kind, place, alarmSeq, wanted);
    service.fleet.setDesiredCount(wanted, seq);
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.#frozen[0] = frozen ? 1 : 0;
  }

  #cloudwatch(): CloudWatch {
    const { cloudwatch } = this.#spec;
    const component = this.#fabric.components.find((each) => each.id === cloudwatch);
    if (component instanceof CloudWatch) return component;
    throw new TwinError({
      code: "auto-scaling.cloudwatch-unfit",
      problem: `"${cloudwatch}", through which "${this.id}" sees, is no cloudwatch component`,
      remedy: "Name the topology's cloudwatch component",
      at: `/components/${this.id}/cloudwatch`,
    });
  }

  route(): number {
    return none;
  }

  instanceFailed(): void {
    // A regional control plane without instances of its own; see `setControlPlaneFrozen`.
  }

  powerRestored(): void {
    // As above.
  }

  channels(): readonly Channel[] {
    return [];
  }

  parameters() {
    return this.#parameters;
  }
}

export function createApplicationAutoScaling(
  fabric: Fabric,
  index: number,
  spec: AutoScalingSpec,
): ApplicationAutoScaling {
  return new ApplicationAutoScaling(fabric, index, spec);
}
