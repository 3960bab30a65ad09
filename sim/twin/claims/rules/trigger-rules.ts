/** The strategy's triggers as alarms: when their metric broke the bound, when they told, and when something changed. */
import { factNumber } from "../../../facts/facts.ts";
import type { TriggerResult } from "../../results-types.ts";
import { type ClaimRule, type Figure, numberOf, type TriggerStages } from "../claim-types.ts";
import {
  figureOf,
  figureText,
  lastSecond,
  levelAt,
  levelOver,
  recoverySeconds,
} from "../figures.ts";
import type { ObservedRun } from "../watched-run.ts";
import { undecided } from "./untested.ts";

interface Trigger {
  readonly scenario: string;
  /** Id of the alarm. */
  readonly alarm: string;
  readonly strategy: string;
  /** What is done, and who does it. */
  readonly action: string;
  /** What the action can and can't do, in a sentence. */
  readonly note: string | ((runs: readonly ObservedRun[]) => string);
  /** Whether it is effective only once the metric is back within its bound: where what is changed is not what mends it. */
  readonly untilCleared?: true;
}

/** An alarm is worth what it brings about: it must be raised, acted on, and the action take effect, all in time. */
function alarmRule({ scenario, alarm, strategy, action, ...trigger }: Trigger): ClaimRule {
  return (claim, desk) => {
    const runs = desk.runs(scenario);
    const note = typeof trigger.note === "string" ? trigger.note : trigger.note(runs);
    const wanted = numberOf(claim, "secondsMax");
    const found = runs
      .flatMap(({ watched }) => watched.triggers?.find(({ id }) => id === alarm) ?? [])
      .map((each) => (trigger.untilCleared ? { ...each, effective: each.cleared } : each));
    const breached = found.filter(({ breachedUs }) => breachedUs >= 0);
    if (breached.length === 0) {
      return undecided({
        strategy,
        ours: "never beyond its bound",
        why: `in ${runs.length} runs of ${scenario} the metric stayed within its bound; ${note}`,
        settledBy: "the metric in production during the busiest hours",
      });
    }
    if (breached.every(({ alarmed }) => alarmed === null)) {
      return undecided({
        strategy,
        ours: "beyond its bound, and never for as long as the alarm asks",
        why: `in ${breached.length} of ${runs.length} runs of ${scenario} the metric passed its bound, and in none for as long as the alarm asks, so that nothing was to be told; ${note}`,
        settledBy: "the metric in production during the busiest hours",
      });
    }
    const { stages, figures } = stagesOf(breached);
    const total = figures.effective;
    const inTime = total.high <= wanted;
    const stood = breached.filter(({ alarmed }, at) => {
      const run = runs[at];
      return (
        run !== undefined && alarmed !== null && alarmed.atUs / 1e6 < run.summary.firstFaultSeconds
      );
    }).length;
    const timeline = [
      `alarmed ${afterText(figures.alarmed)}`,
      `acted on ${afterText(figures.acted)} (${action})`,
      `effective ${afterText(total)}`,
    ].join(", ");
    const early =
      stood === 0
        ? ""
        : `; in ${stood} of ${breached.length} runs it stood before anything had happened, so that it told nothing when it did`;
    return {
      verdict: inTime ? "holds" : "does-not-hold",
      stages,
      strategy,
      ours: timeline,
      figure: total,
      why: `after its metric had passed the bound it was ${timeline}${early}: ${inTime ? "within" : "later than"} the ${wanted} s that the strategy promises for a degraded service; ${note}`,
      facts: [
        "cloudwatch.metric.standard-period-s",
        "cloudwatch.metric.delivery-lag-s",
        "cloudwatch.alarm.evaluation-every-s",
      ],
    };
  };
}

/** Seconds from the breach to each stage of the same trigger in some runs. */
export function stagesOf(triggers: readonly TriggerResult[]): {
  readonly stages: TriggerStages;
  readonly figures: Readonly<Record<"alarmed" | "acted" | "effective", Figure>>;
} {
  const after = (stage: "alarmed" | "acted" | "effective") =>
    figureOf(
      triggers.map((each) => {
        const reached = each[stage];
        return reached === null ? Number.POSITIVE_INFINITY : (reached.atUs - each.breachedUs) / 1e6;
      }),
      "s",
    );
  const figures = {
    alarmed: after("alarmed"),
    acted: after("acted"),
    effective: after("effective"),
  };
  return {
    stages: {
      breached: triggers.length === 0 ? null : 0,
      alarmed: boundedOf(figures.alarmed),
      acted: boundedOf(figures.acted),
      effective: boundedOf(figures.effective),
    },
    figures,
  };
}

function boundedOf({ value }: Figure): number | null {
  return Number.isFinite(value) ? value : null;
}

function afterText(figure: Figure): string {
  return Number.isFinite(figure.value) ? `after ${figureText(figure)}` : "never";
}

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

/** Most executions at once of all functions since the first fault. */
function executing(runs: readonly ObservedRun[]): Figure {
  return figureOf(
    runs.map(
      (run) =>
        levelOver(run, "functions", "executing", [run.summary.firstFaultSeconds, lastSecondOf(run)])
          .peak,
    ),
    "environments",
  );
}

function lastSecondOf(run: ObservedRun): number {
  return run.watched.series.length === 0 ? 0 : lastSecond(run);
}

const compute = "claim-triggers-compute";
const data = "claim-triggers-data";

export const triggerRules: Readonly<Record<string, ClaimRule>> = {
  "trigger.1": alarmRule({
    scenario: compute,
    alarm: "order-cpu-high",
    strategy: "CPU above 70 % for 5 min adds tasks",
    action: "a step policy",
    note: "five one-minute points and their delivery must pass before this alarm tells, where target tracking looks at three",
  }),
  "trigger.2": alarmRule({
    scenario: "claim-trigger-memory",
    alarm: "order-memory-high",
    strategy: "memory above 80 % for 5 min adds tasks",
    action: "a step policy",
    note: "memory follows what a task holds, which full threads do; how much a task takes without them is our assumption",
  }),
  "trigger.3": alarmRule({
    scenario: compute,
    alarm: "gateway-4xx",
    strategy: "4xx above 5 %: investigate, scale out",
    action: "people, who have the quota raised",
    note: "more tasks do not lift a quota, so scaling out is no answer to throttling at the gateway",
  }),
  "trigger.4": alarmRule({
    scenario: compute,
    alarm: "gateway-slow",
    strategy: "p99 above 80 ms: more tasks and replicas",
    action: "people, who set more tasks",
    note: "at the usual 500 requests/s the latency is above 80 ms, so this bound is broken on any day",
  }),
  "trigger.5": alarmRule({
    scenario: data,
    alarm: "database-cpu-high",
    strategy: "Aurora CPU above 75 %: replicas or a larger size",
    action: "people, who order a larger size",
    note: "a larger reader takes minutes to come and becomes the writer by a failover; more readers take reads only",
  }),
  "trigger.6": alarmRule({
    scenario: data,
    alarm: "sessions-throttled",
    strategy: "any throttled request: more provisioned capacity",
    action: "people, who raise the table's throughput",
    note: "a table on demand needs nobody for that, until it doubles faster than in thirty minutes",
  }),
  "trigger.7": alarmRule({
    scenario: "claim-trigger-queue",
    alarm: "queue-deep",
    strategy: "1,000 messages deep: more Lambda concurrency",
    action: "people, who raise the functions' concurrency fourfold",
    untilCleared: true,
    note: (runs) =>
      `effective is the queue below its bound again; ${figureText(executing(runs))} executed at once at the most, however many were allowed, because a FIFO queue gives the messages of one symbol to one execution at a time`,
  }),
  "trigger.8": alarmRule({
    scenario: data,
    alarm: "cache-evicts",
    strategy: "100 evictions a minute: a larger node",
    action: "people, who order larger nodes",
    note: "the cache of this scenario is made too small on purpose: 2,000 users' records and 50 books are a small part of the real one's 13 GB",
  }),
  predictive,
};
