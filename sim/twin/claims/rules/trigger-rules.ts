/** The strategy's triggers as alarms: when their metric broke the bound, when they told, and when something changed. */
import { factNumber } from "../../../facts/facts.ts";
import {
  type ClaimRule,
  type Figure,
  type Judgement,
  numberOf,
  type TriggerStages,
} from "../claim-types.ts";
import {
  figureOf,
  figureText,
  levelAt,
  levelOver,
  numberText,
  percentText,
  recoverySeconds,
} from "../figures.ts";
import type { ObservedRun } from "../watched-run.ts";
import { undecided } from "./untested.ts";

interface Trigger {
  readonly scenario: string;
  /** Component whose alarm it is; the scenario gives it one alarm only. */
  readonly component: string;
  readonly strategy: string;
  /** Event by which the action that the strategy names would show, and what it is called. */
  readonly action: { readonly kind: string; readonly words: string } | undefined;
  readonly effect: { readonly kind: string; readonly words: string } | undefined;
  /** Level of the component, and its bound, by which a metric that stayed silent can be told from one that had no reason. */
  readonly level?: { readonly name: string; readonly above: number };
  /** What the action can and can't do, in a sentence. */
  readonly note: string;
}

/** An alarm is worth what it brings about: it must be raised, acted on, and the action take effect. */
function alarmRule({
  scenario,
  component,
  strategy,
  action,
  effect,
  note,
  level,
}: Trigger): ClaimRule {
  return (claim, desk) => {
    const runs = desk.runs(scenario);
    const raised = figureOf(
      runs.map((run) => secondsTo(run, "cloudwatch.alarm-raised", component)),
      "s",
    );
    const breached = figureOf(
      runs.map((run) => secondsToBreach(run, component)),
      "s",
    );
    const stages: TriggerStages = {
      breached: boundedOf(breached),
      alarmed: boundedOf(raised),
      acted: boundedOf(actionSeconds(runs, action, component)),
      effective: boundedOf(actionSeconds(runs, effect, component)),
    };
    const value =
      runs.map((run) => eventAfter(run, "cloudwatch.alarm-raised", component)?.value ?? 0)[0] ?? 0;
    const wanted = numberOf(claim, "secondsMax");
    if (!Number.isFinite(raised.value)) {
      return { ...notRaised({ scenario, strategy, note, component, level }, runs), stages };
    }
    const acted = actionSeconds(runs, action, component);
    const effective = actionSeconds(runs, effect, component);
    const timeline = [
      `alarmed ${figureText(raised)} after the fault (value ${numberText(value)})`,
      action === undefined
        ? "no automation acts on it here"
        : acted === undefined
          ? `not followed by ${action.words}`
          : `${action.words} at ${figureText(acted)}`,
      effect === undefined || effective === undefined
        ? undefined
        : `${effect.words} at ${figureText(effective)}`,
    ].filter((part) => part !== undefined);
    const early = runs.filter((run) => firstAlarm(run, component) !== undefined).length;
    if (early > 0)
      timeline.push(
        `in ${early} of ${runs.length} runs it had been raised before anything happened`,
      );
    const total = effective ?? raised;
    return {
      ...verdictOf(total.high <= wanted && effective !== undefined),
      stages,
      strategy,
      ours: timeline.join(", "),
      figure: total,
      why: `${timeline.join("; ")}: ${total.high <= wanted && effective !== undefined ? "within" : effective === undefined ? "it tells, and nothing that it starts takes effect within" : "later than"} the ${wanted} s that the strategy promises for a degraded service; ${note}`,
      facts: [
        "cloudwatch.metric.standard-period-s",
        "cloudwatch.metric.delivery-lag-s",
        "cloudwatch.alarm.evaluation-every-s",
      ],
    };
  };
}

/** End of the first period after the fault in which what CloudWatch was told was beyond the alarm's bound. */
function secondsToBreach({ watched, summary }: ObservedRun, component: string): number {
  const from = summary.firstFaultSeconds;
  for (const alarm of watched.alarms ?? []) {
    if (alarm.component !== component) continue;
    const { values, threshold, comparison, periodSeconds } = alarm;
    const at = values.findIndex(
      (value, period) =>
        value !== null &&
        (period + 1) * periodSeconds > from &&
        (comparison.startsWith(">") ? value > threshold : value < threshold),
    );
    if (at >= 0) return (at + 1) * periodSeconds - from;
  }
  return Number.POSITIVE_INFINITY;
}

function boundedOf(figure: Figure | undefined): number | null {
  return figure !== undefined && Number.isFinite(figure.value) ? figure.value : null;
}

/** Silence is right where nothing was breached; where the truth was beyond the bound, the alarm failed. */
function notRaised(
  {
    scenario,
    component,
    strategy,
    note,
    level,
  }: Omit<Trigger, "action" | "effect" | "level"> & { readonly level: Trigger["level"] },
  runs: readonly ObservedRun[],
): Judgement {
  const early = runs
    .map((run) => firstAlarm(run, component))
    .filter((seconds) => seconds !== undefined);
  if (early.length > 0) {
    const raised = figureOf(early, "s");
    return {
      verdict: "does-not-hold",
      strategy,
      ours: `raised ${figureText(raised)} into the run, long before the fault`,
      figure: raised,
      why: `it was raised ${figureText(raised)} into the run at the usual 500 requests/s and stayed so: a bound that normal service breaks tells nothing when the fault comes; ${note}`,
    };
  }
  const ours = "not raised";
  if (level !== undefined) {
    const mean = figureOf(
      runs.map((run) => {
        const from = run.summary.firstFaultSeconds;
        return levelOver(run, component, level.name, [from, from + 300]).mean;
      }),
      "",
    );
    if (mean.low > level.above) {
      return {
        verdict: "does-not-hold",
        strategy,
        ours,
        figure: mean,
        why: `in the five minutes after the fault ${level.name} stood at ${percentText(mean.value)} in the mean, above ${percentText(level.above)}, and the alarm was never raised: tasks come and go too fast for minutes in a row to show it; ${note}`,
      };
    }
  }
  return undecided({
    strategy,
    ours,
    why: `the alarm was not raised in ${runs.length} runs of ${scenario}, where its metric stayed within the bound; ${note}`,
    settledBy: "the metric in production during the busiest hours",
  });
}

function verdictOf(isInTime: boolean): Pick<Judgement, "verdict"> {
  return { verdict: isInTime ? "holds" : "does-not-hold" };
}

function actionSeconds(runs: readonly ObservedRun[], step: Trigger["action"], component: string) {
  if (step === undefined) return undefined;
  const seconds = figureOf(
    runs.map((run) => secondsTo(run, step.kind, component)),
    "s",
  );
  return Number.isFinite(seconds.value) ? seconds : undefined;
}

/** Instant of an alarm's first news before the fault; undefined when it was silent until then. */
function firstAlarm({ watched, summary }: ObservedRun, component: string): number | undefined {
  return watched.events.find(
    (event) =>
      event.kind === "cloudwatch.alarm-raised" &&
      event.component === component &&
      event.atSeconds < summary.firstFaultSeconds,
  )?.atSeconds;
}

function eventAfter(run: ObservedRun, kind: string, component: string) {
  return run.watched.events.find(
    (event) =>
      event.kind === kind &&
      event.component === component &&
      event.atSeconds >= run.summary.firstFaultSeconds,
  );
}

function secondsTo(run: ObservedRun, kind: string, component: string): number {
  const event = eventAfter(run, kind, component);
  return event === undefined
    ? Number.POSITIVE_INFINITY
    : event.atSeconds - run.summary.firstFaultSeconds;
}

const moreTasks = {
  kind: "ecs.desired-count-changed",
  words: "auto-scaling's own alarm asked for tasks",
};
const taskRuns = { kind: "ecs.task-running", words: "the first of them ran" };

/** Predictive scaling: a rise that past days had too, and one that they had not, on the same arrivals. */
const predictive: ClaimRule = (claim, desk) => {
  const hours = numberOf(claim, "forecastH");
  const [history, horizon] = [
    factNumber("predictive-scaling.min-history-h"),
    factNumber("predictive-scaling.horizon-h"),
  ];
  const [known, unknown] = [desk.runs("claim-market-open"), desk.runs("claim-announcement")];
  const functions = ["order-entry", "market-data"];
  const open = figureOf(recoverySeconds(known, functions), "s");
  const shock = figureOf(recoverySeconds(unknown, functions), "s");
  const ready = figureOf(
    known.map((run) =>
      levelAt(run, "order-service", "tasks-running", run.summary.firstFaultSeconds),
    ),
    "tasks",
  );
  const usual = figureOf(
    unknown.map((run) =>
      levelAt(run, "order-service", "tasks-running", run.summary.firstFaultSeconds),
    ),
    "tasks",
  );
  const covers = horizon >= hours && open.high === 0;
  const outage = (figure: Figure) =>
    figure.high === 0 ? "without an outage" : `with an outage of ${figureText(figure)}`;
  return {
    verdict: covers && shock.high === 0 ? "holds" : "does-not-hold",
    strategy: `ahead of known peaks and announcements, with a forecast of ${hours} h`,
    ours: `the open ${outage(open)}, an announcement ${outage(shock)}`,
    figure: shock,
    why: `with two days of history ${figureText(ready)} of the order service ran when the market opened at its hour, and it passed ${outage(open)}; the same rise in an hour that was never busy met ${figureText(usual)} and came ${outage(shock)}: a forecast knows what past days had, from ${history} h of history on and ${horizon} h ahead, and what is announced for the first time needs a scheduled action`,
    facts: [
      "predictive-scaling.min-history-h",
      "predictive-scaling.horizon-h",
      "predictive-scaling.buffer-s",
      "predictive-scaling.direction",
    ],
  };
};

const spike = "claim-spike";
const quota = "claim-quota-and-memory";

export const triggerRules: Readonly<Record<string, ClaimRule>> = {
  "trigger.1": alarmRule({
    scenario: spike,
    component: "order-service",
    strategy: "CPU above 70 % for 5 min adds tasks",
    action: moreTasks,
    effect: taskRuns,
    level: { name: "vCPU", above: 0.7 },
    note: "five one-minute points and their delivery must pass before this alarm tells, where target tracking looks at three",
  }),
  "trigger.2": alarmRule({
    scenario: quota,
    component: "order-service",
    strategy: "memory above 80 % for 5 min adds tasks",
    action: moreTasks,
    effect: taskRuns,
    note: "memory follows what a task holds and not how much it is asked, in the twin as in a service that keeps nothing",
  }),
  "trigger.3": alarmRule({
    scenario: quota,
    component: "api",
    strategy: "4xx above 5 %: investigate, scale out",
    action: undefined,
    effect: undefined,
    note: "more tasks do not lift a quota, so scaling out is no answer to throttling at the gateway",
  }),
  "trigger.4": alarmRule({
    scenario: spike,
    component: "api",
    strategy: "p99 above 80 ms: more tasks and replicas",
    action: undefined,
    effect: undefined,
    note: "the strategy says that people or automation act, and names neither runbook nor policy",
  }),
  "trigger.5": alarmRule({
    scenario: spike,
    component: "database",
    strategy: "Aurora CPU above 75 %: replicas or a larger size",
    action: undefined,
    effect: undefined,
    level: { name: "writer's vCPU", above: 0.75 },
    note: "replicas take reads only, and a larger size is a failover",
  }),
  "trigger.6": alarmRule({
    scenario: spike,
    component: "sessions",
    strategy: "any throttled request: more provisioned capacity",
    action: undefined,
    effect: undefined,
    note: "the table is on demand and has no provisioned capacity that could be raised",
  }),
  "trigger.7": alarmRule({
    scenario: spike,
    component: "order-queue",
    strategy: "1,000 messages deep: more Lambda concurrency",
    action: undefined,
    effect: undefined,
    note: "the matching service empties this queue in the twin, one engine for a symbol: no concurrency of functions would drain it",
  }),
  "trigger.8": alarmRule({
    scenario: spike,
    component: "cache",
    strategy: "100 evictions a minute: a larger node",
    action: undefined,
    effect: undefined,
    note: "2,000 users' records and 50 books are a small part of 13 GB",
  }),
  predictive,
};
