import { MistakeList, TwinError } from "../../errors/twin-error.ts";
import { assumption, fromFact, usFromFact, valuesOf } from "../../facts/parameter.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { CloudWatch } from "../cloudwatch/cloudwatch.ts";
import { alarmState } from "../cloudwatch/judge-alarm.ts";
import { EcsFargate } from "../ecs-fargate/ecs-fargate.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { AutoScalingSpec } from "./application-auto-scaling-spec.ts";
import { forecastLoad } from "./forecast.ts";

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
  stepCooldownUs: usFromFact("aas.step-scaling.cooldown-s"),
  forecastHistoryHoursMin: fromFact("predictive-scaling.min-history-h"),
  forecastBufferUs: usFromFact("predictive-scaling.buffer-s"),
};

const hourUs = 3_600_000_000;

/** What happens to a forecast at an instant: it is anticipated before its hour, and holds from the hour's beginning. */
const forecastStep = { ahead: 0, hour: 1 } as const;

/** Alarm of target tracking that takes tasks away: it stands whenever a service has more than it needs. */
export function lowAlarmId(service: string): string {
  return `${service}-target-tracking-low`;
}

/** What a tracked service and its two alarms are called here. */
interface Tracked {
  readonly service: EcsFargate;
  readonly targetPercent: number;
  readonly highAlarm: number;
  readonly lowAlarm: number;
}

/**
 * Scaling of ECS services as the service carries it out. Target tracking on their CPU, as it sets that up: a high alarm (3 of 3 minutes above the
 * target) adds tasks in proportion, a low alarm (15 of 15 below nine tenths of it) takes them away. It sees only
 * what CloudWatch shows, and without fresh data it does nothing. While an alarm stands, the action repeats each minute.
 *
 * Inside the scale-out cooldown the step is reckoned from what there was before the last one, so that tasks which are
 * still starting are not added twice; a larger step is allowed. Any scale-out ends a scale-in cooldown.
 *
 * Of several policies the largest wins. A forecast raises the least that may run, some minutes ahead of its hour, and takes
 * nothing away; a schedule sets both bounds; a step policy adds by how far its metric is beyond its alarm's bound.
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
  /** Bounds as they stand: the service's own until a schedule changes them. */
  readonly #countMin: Int32Array;
  readonly #countMax: Int32Array;
  /** What the forecast wants now, and 0 without one. */
  readonly #forecast: Int32Array;
  /** Whether a step policy looks again later, by policy. */
  readonly #stepPending: Uint8Array;
  /** Filled when the platform starts, in the order of the step policies. */
  readonly #stepAlarms: number[] = [];
  readonly #frozen: Uint8Array;
  readonly #alarmChanged: HandlerId;
  readonly #repeat: HandlerId;
  readonly #forecastDue: HandlerId;
  readonly #scheduleDue: HandlerId;
  readonly #stepAlarmChanged: HandlerId;
  readonly #stepAgain: HandlerId;
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
    this.#countMin = kernel.int32Array(`${spec.id}.count-min`, count);
    this.#countMax = kernel.int32Array(`${spec.id}.count-max`, count);
    this.#forecast = kernel.int32Array(`${spec.id}.forecast`, count);
    this.#stepPending = kernel.uint8Array(`${spec.id}.step-pending`, spec.steps?.length ?? 0);
    this.#alarmChanged = kernel.handler(`${spec.id}.alarm-changed`, (alarm, state) => {
      const at = this.#tracked.findIndex(
        (each) => each.highAlarm === alarm || each.lowAlarm === alarm,
      );
      if (state === alarmState.alarm && this.#repeating[at] === 0) this.#act(at);
    });
    this.#repeat = kernel.handler(`${spec.id}.repeat`, (at) => this.#act(at));
    this.#forecastDue = kernel.handler(`${spec.id}.forecast-due`, (policy, hour, step) =>
      this.#applyForecast(policy, hour, step),
    );
    this.#scheduleDue = kernel.handler(`${spec.id}.schedule-due`, (action) =>
      this.#applySchedule(action),
    );
    this.#stepAlarmChanged = kernel.handler(`${spec.id}.step-alarm-changed`, (alarm, state) => {
      if (state === alarmState.alarm) this.#step(this.#stepAlarms.indexOf(alarm));
    });
    this.#stepAgain = kernel.handler(`${spec.id}.step-again`, (policy) => {
      this.#stepPending[policy] = 0;
      this.#step(policy);
    });
    this.#kinds = {
      forecast: log.kind("auto-scaling.forecast", "info"),
      forecastRefused: log.kind("auto-scaling.forecast-refused", "info"),
      scheduled: log.kind("auto-scaling.schedule-applied", "decide"),
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
    this.#addPolicies(cloudwatch, mistakes);
    mistakes.throwIfAny(`Component "${this.id}"`);
  }

  #addPolicies(cloudwatch: CloudWatch, mistakes: MistakeList): void {
    const { kernel } = this.#fabric;
    const { predictive = [], scheduled = [], steps = [], targets } = this.#spec;
    for (const { target } of [...predictive, ...scheduled, ...steps]) {
      if (targets.includes(target)) continue;
      mistakes.add({
        code: "auto-scaling.policy-target-unknown",
        problem: `A policy of "${this.id}" is for "${target}", which is none of its targets`,
        remedy: `Name one of ${targets.join(", ")}, or add it to the targets`,
        at: `/components/${this.id}`,
      });
    }
    for (const { id, target, taskCountMin, taskCountMax } of scheduled) {
      const service = this.#tracked.find((each) => each.service.id === target)?.service;
      const most = service?.scaling?.taskCountMax ?? 0;
      if (service === undefined || (taskCountMin <= taskCountMax && taskCountMax <= most)) continue;
      mistakes.add({
        code: "auto-scaling.schedule-bounds",
        problem: `Action "${id}" sets ${taskCountMin} to ${taskCountMax} tasks, and "${target}" may have ${most}`,
        remedy: `Keep taskCountMin <= taskCountMax <= ${most}, or raise taskCountMax in the scaling of "${target}"`,
        at: `/components/${this.id}/scheduled/${id}`,
      });
    }
    if (mistakes.count > 0) return;
    for (const [policy, { beginsAtMinute }] of predictive.entries()) {
      const toNextUs = hourUs - beginsAtMinute * 60_000_000;
      kernel.schedule(0, this.#forecastDue, policy, 0, forecastStep.hour);
      const aheadUs = Math.max(0, toNextUs - this.#values.forecastBufferUs);
      kernel.schedule(aheadUs, this.#forecastDue, policy, 1, forecastStep.ahead);
      kernel.schedule(toNextUs, this.#forecastDue, policy, 1, forecastStep.hour);
    }
    for (const [action, { atSeconds }] of scheduled.entries()) {
      kernel.schedule(Math.round(atSeconds * 1_000_000), this.#scheduleDue, action);
    }
    for (const { alarm } of steps) {
      const number = cloudwatch.addAlarm(alarm);
      cloudwatch.subscribe(number, this.#stepAlarmChanged);
      this.#stepAlarms.push(number);
    }
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
      id: lowAlarmId(service.id),
      comparison: "<",
      threshold: targetCpuPercent * scaleInShare,
      periods: scaleInDatapoints,
    });
    cloudwatch.subscribe(highAlarm, this.#alarmChanged);
    cloudwatch.subscribe(lowAlarm, this.#alarmChanged);
    this.#countMin[this.#tracked.length] = taskCountMin;
    this.#countMax[this.#tracked.length] = taskCountMax;
    this.#tracked.push({ service, targetPercent: targetCpuPercent, highAlarm, lowAlarm });
  }

  /** Raises what must run ahead of an hour, and lets the hour's own forecast hold once it begins. */
  #applyForecast(policy: number, hour: number, step: number): void {
    const { kernel, log } = this.#fabric;
    const { target, historyVcpus, mode } = this.#spec.predictive![policy]!;
    const at = this.#spec.targets.indexOf(target);
    const { service, targetPercent } = this.#tracked[at]!;
    const place = { component: service.index };
    const load = forecastLoad(historyVcpus, hour, this.#values.forecastHistoryHoursMin);
    if (load === undefined) {
      if (hour === 0) log.append(this.#kinds.forecastRefused, place, none, historyVcpus.length);
      return;
    }
    if (step === forecastStep.hour && hour > 0) {
      kernel.schedule(
        hourUs - this.#values.forecastBufferUs,
        this.#forecastDue,
        policy,
        hour + 1,
        forecastStep.ahead,
      );
      kernel.schedule(hourUs, this.#forecastDue, policy, hour + 1, forecastStep.hour);
    }
    const wanted = Math.ceil((100 * load) / (targetPercent * service.vcpu));
    const seq = log.append(this.#kinds.forecast, place, none, wanted);
    if (mode === "forecast-only" || this.#frozen[0] === 1) return;
    this.#forecast[at] =
      step === forecastStep.ahead ? Math.max(this.#forecast[at]!, wanted) : wanted;
    this.#keepBounds(at, seq);
  }

  #applySchedule(action: number): void {
    const { target, taskCountMin, taskCountMax } = this.#spec.scheduled![action]!;
    if (this.#frozen[0] === 1) return;
    const at = this.#spec.targets.indexOf(target);
    const place = { component: this.#tracked[at]!.service.index };
    const seq = this.#fabric.log.append(this.#kinds.scheduled, place, none, taskCountMin);
    this.#countMin[at] = taskCountMin;
    this.#countMax[at] = taskCountMax;
    this.#keepBounds(at, seq);
  }

  /**
   * People register a service anew with a higher minimum; its maximum gives way. False when it is none of the targets, or
   * the control plane does not answer.
   */
  raiseMinimum(service: string, taskCount: number, causeSeq: number): boolean {
    const at = this.#tracked.findIndex((each) => each.service.id === service);
    if (at < 0 || this.#frozen[0] === 1) return false;
    this.#countMin[at] = Math.max(this.#countMin[at]!, taskCount);
    this.#countMax[at] = Math.max(this.#countMax[at]!, taskCount);
    this.#keepBounds(at, causeSeq);
    return true;
  }

  /** The least and the most that may run as things stand; a forecast keeps within the most. */
  #leastOf(at: number): number {
    return Math.max(this.#countMin[at]!, Math.min(this.#forecast[at]!, this.#countMax[at]!));
  }

  #keepBounds(at: number, causeSeq: number): void {
    const now = this.#tracked[at]!.service.fleet.desiredCount;
    if (now < this.#leastOf(at)) {
      this.#decide(at, this.#kinds.scaleOut, this.#leastOf(at), causeSeq);
    } else if (now > this.#countMax[at]!) {
      this.#decide(at, this.#kinds.scaleIn, this.#countMax[at]!, causeSeq);
    }
  }

  /** Adds what the metric's distance from the bound asks for, and again while the alarm stands, with the cooldown between. */
  #step(policy: number): void {
    const { kernel } = this.#fabric;
    const cloudwatch = this.#cloudwatch();
    const alarm = this.#stepAlarms[policy]!;
    if (cloudwatch.stateOf(alarm) !== alarmState.alarm || this.#stepPending[policy] === 1) return;
    const { stepCooldownUs, repeatEveryUs } = this.#values;
    const hasStepped = this.#frozen[0] === 0 && this.#stepNow(policy, cloudwatch, alarm);
    this.#stepPending[policy] = 1;
    kernel.schedule(hasStepped ? stepCooldownUs : repeatEveryUs, this.#stepAgain, policy);
  }

  /** Whether there was anything to add or to take away. */
  #stepNow(policy: number, cloudwatch: CloudWatch, alarm: number): boolean {
    const { target, alarm: spec, adjustments } = this.#spec.steps![policy]!;
    const distance = Math.abs(cloudwatch.latestReadable(alarm) - spec.threshold);
    const adjustment = adjustments.findLast(({ from }) => distance >= from);
    if (adjustment === undefined) return false;
    const at = this.#spec.targets.indexOf(target);
    const now = this.#tracked[at]!.service.fleet.desiredCount;
    const bounded = Math.min(this.#countMax[at]!, now + adjustment.addTasks);
    const wanted = Math.max(this.#leastOf(at), bounded);
    if (wanted === now) return false;
    const kind = wanted > now ? this.#kinds.scaleOut : this.#kinds.scaleIn;
    this.#decide(at, kind, wanted, cloudwatch.seqOf(alarm));
    return true;
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
    const { service, targetPercent, highAlarm } = this.#tracked[at]!;
    const cpuPercent = cloudwatch.latestReadable(highAlarm);
    const now = service.fleet.desiredCount;
    // Nothing runs that could show a load: target tracking cannot start from zero.
    if (now === 0 || !(cpuPercent > targetPercent)) return;
    const cooling = kernel.nowUs - this.#scaledOutAtUs[at]! < this.#values.scaleOutCooldownUs;
    const before = cooling ? this.#countBefore[at]! : now;
    const wanted = Math.min(this.#countMax[at]!, Math.ceil((before * cpuPercent) / targetPercent));
    if (wanted <= now) return;
    this.#countBefore[at] = before;
    this.#scaledOutAtUs[at] = kernel.nowUs;
    this.#scaledInAtUs[at] = -1e15;
    this.#decide(at, this.#kinds.scaleOut, wanted, cloudwatch.seqOf(highAlarm));
  }

  #scaleIn(at: number, cloudwatch: CloudWatch): void {
    const { kernel } = this.#fabric;
    const { service, targetPercent, lowAlarm } = this.#tracked[at]!;
    const cpuPercent = cloudwatch.latestReadable(lowAlarm);
    const now = service.fleet.desiredCount;
    if (Number.isNaN(cpuPercent) || cpuPercent >= targetPercent) return;
    if (kernel.nowUs - this.#scaledInAtUs[at]! < this.#values.scaleInCooldownUs) return;
    if (kernel.nowUs - this.#scaledOutAtUs[at]! < this.#values.scaleOutCooldownUs) return;
    const wanted = Math.max(this.#leastOf(at), 1, Math.ceil((now * cpuPercent) / targetPercent));
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
