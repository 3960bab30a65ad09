/** Ten times the load at once: each of the strategy's sentences, in one run. */
import { factNumber, factNumberAt } from "../../../facts/facts.ts";
import { type ClaimRule, numberOf } from "../claim-types.ts";
import {
  exactFigure,
  figureOf,
  figureText,
  firstOf,
  grownOver,
  levelAt,
  levelOver,
  numberText,
  percentText,
} from "../figures.ts";
import type { ObservedRun } from "../watched-run.ts";

const scenario = "claim-spike";

/** Seconds that the spike lasts, as its end is logged; the rest of the run when it is not. */
function spikeOf(run: ObservedRun): readonly [number, number] {
  const from = run.summary.firstFaultSeconds;
  const end = run.watched.events.find(
    (event) => event.kind === "clients.load-as-usual" && event.atSeconds > from,
  );
  return [from, end?.atSeconds ?? run.summary.durationSeconds];
}

const throttle: ClaimRule = (claim, desk) => {
  const limit = numberOf(claim, "rps");
  const runs = desk.runs(scenario);
  const offered = figureOf(
    runs.map((run) => perSecond(run, "attempts")),
    "attempts/s",
  );
  const throttled = figureOf(
    runs.map((run) => grownOver(run, "api", "throttled", spikeOf(run))),
    "requests",
  );
  const passed = figureOf(
    runs.map((run) => {
      const [from, to] = spikeOf(run);
      return (
        (grownOver(run, "api", "arrived", [from, to]) -
          grownOver(run, "api", "throttled", [from, to])) /
        (to - from)
      );
    }),
    "requests/s",
  );
  const bad = figureOf(
    runs.map((run) => badShare(run)),
    "",
  );
  return {
    verdict: throttled.low > 0 && bad.high < 0.05 ? "holds" : "does-not-hold",
    strategy: `throttled at ${numberText(limit)} requests/s, which protects what is behind`,
    ours: `${figureText(throttled)} throttled, ${figureText(passed)} passed`,
    figure: throttled,
    why: `ten times 500 are 5,000 requests/s, with clients' retries ${figureText(offered)}: the gateway turned ${figureText(throttled)} away and let ${figureText(passed)} through to a platform made for 500, where ${percentText(bad.value)} of them failed or came late`,
  };
};

function perSecond(run: ObservedRun, name: string): number {
  const [from, to] = spikeOf(run);
  return grownOver(run, "", name, [from, to]) / (to - from);
}

/** Share of judged outcomes of order entry that were bad while the spike lasted. */
function badShare(run: ObservedRun): number {
  const bad = grownOver(run, "", "order-entry bad", spikeOf(run));
  const good = grownOver(run, "", "order-entry good", spikeOf(run));
  return bad / Math.max(1, bad + good);
}

const services = ["order-service", "market-data-service", "matching"];

const taskCount: ClaimRule = (claim, desk) => {
  const [wanted, minutes] = [numberOf(claim, "tasks"), numberOf(claim, "minutes")];
  const runs = desk.runs(scenario);
  const reached = figureOf(
    runs.map((run) => {
      const at = run.summary.firstFaultSeconds + 60 * minutes;
      return services.reduce((sum, id) => sum + levelAt(run, id, "tasks-running", at), 0);
    }),
    "tasks",
  );
  const first = figureOf(
    runs.map((run) => {
      const from = run.summary.firstFaultSeconds;
      const change = run.watched.events.find(
        (event) => event.kind === "ecs.desired-count-changed" && event.atSeconds > from,
      );
      return change === undefined ? Number.POSITIVE_INFINITY : change.atSeconds - from;
    }),
    "s",
  );
  const unhealthy = figureOf(
    runs.map((run) => {
      const from = run.summary.firstFaultSeconds;
      return run.watched.events.filter(
        ({ kind, atSeconds }) =>
          kind === "load-balancer.target-unhealthy" &&
          atSeconds > from &&
          atSeconds < from + 60 * minutes,
      ).length;
    }),
    "times",
  );
  return {
    verdict: reached.low >= wanted ? "holds" : "does-not-hold",
    strategy: `${wanted} tasks after ${minutes} minutes`,
    ours: `${figureText(reached)} after ${minutes} minutes`,
    figure: reached,
    why: `auto-scaling ${Number.isFinite(first.value) ? `first asked for more ${figureText(first)} after the spike began` : "asked for no task more in the whole run"}, because three one-minute points must arrive first, and a task failed its health checks ${figureText(unhealthy)} in those ${minutes} minutes, too busy to answer them: ${figureText(reached)} ran at their end`,
    facts: [
      "cloudwatch.metric.standard-period-s",
      "cloudwatch.metric.delivery-lag-s",
      "fargate.launch.sustained-per-s",
      "fargate.task.start-time-s",
    ],
  };
};

const replicas: ClaimRule = (claim, desk) => {
  const [least, most] = [numberOf(claim, "minutes", 0), numberOf(claim, "minutes", 1)];
  const [soonest, latest] = [
    factNumber("aurora.replica-autoscaling.provision-min", 0),
    factNumber("aurora.replica-autoscaling.provision-min", 1),
  ];
  const run = firstOf(desk.runs(scenario));
  const added =
    levelAt(run, "database", "instances up", spikeOf(run)[1]) -
    levelAt(run, "database", "instances up", spikeOf(run)[0]);
  return {
    verdict: soonest <= least && latest <= most ? "holds" : "does-not-hold",
    strategy: `${least} to ${most} minutes`,
    ours: `${soonest} to ${latest} minutes to create one (remembered)`,
    figure: exactFigure(soonest, "min"),
    why: `creating a reader takes ${soonest} to ${latest} minutes, and an alarm of several minutes goes before it; the current topology declares no scaling of readers, so ${numberText(added)} came during the spike, and readers never help writes`,
    facts: ["aurora.replica-autoscaling.provision-min", "aurora.replica-autoscaling.cooldown-s"],
  };
};

const table: ClaimRule = (_claim, desk) => {
  const runs = desk.runs(scenario);
  const throttled = figureOf(
    runs.map((run) =>
      ["reads throttled", "writes throttled"].reduce(
        (sum, name) => sum + grownOver(run, "sessions", name, spikeOf(run)),
        0,
      ),
    ),
    "requests",
  );
  const units = figureOf(
    runs.map((run) => {
      const [from, to] = spikeOf(run);
      return (
        (grownOver(run, "sessions", "read units", [from, to]) +
          grownOver(run, "sessions", "write units", [from, to])) /
        (to - from)
      );
    }),
    "units/s",
  );
  const [writes, reads] = [
    factNumberAt("dynamodb.ondemand.initial", "writes"),
    factNumberAt("dynamodb.ondemand.initial", "reads"),
  ];
  return {
    verdict: throttled.high === 0 ? "holds" : "does-not-hold",
    strategy: "scales at once",
    ours: `${figureText(throttled)} throttled at ${figureText(units)}`,
    figure: throttled,
    why: `the spike reached ${figureText(units)} and throttled ${figureText(throttled)}; ${throttled.high === 0 ? "no scaling was needed: it stayed" : "it went"} ${throttled.high === 0 ? "within" : "beyond"} what a new on-demand table has from the start (${numberText(writes)} writes/s, ${numberText(reads)} reads/s), beyond which it grows to twice its peak of the last ${factNumber("dynamodb.ondemand.window-s") / 60} minutes only`,
    facts: [
      "dynamodb.ondemand.initial",
      "dynamodb.ondemand.double-peak",
      "dynamodb.ondemand.window-s",
    ],
  };
};

const queue: ClaimRule = (_claim, desk) => {
  const runs = desk.runs(scenario);
  const throttled = figureOf(
    runs.map((run) => grownOver(run, "order-queue", "calls throttled", spikeOf(run))),
    "calls",
  );
  const over = (name: string) => (run: ObservedRun) =>
    levelOver(run, "order-queue", name, [spikeOf(run)[0], run.summary.durationSeconds]).peak;
  const depth = figureOf(runs.map(over("visible")), "messages");
  const age = figureOf(runs.map(over("oldest age")), "s");
  const patience = 5;
  return {
    verdict: throttled.high === 0 && age.high <= patience ? "holds" : "does-not-hold",
    strategy: "buffers without limit",
    ours: `${figureText(throttled)} throttled; ${figureText(depth)} deep, the oldest ${figureText(age)} old`,
    figure: age,
    why: `depth has no limit and calls have: ${figureText(throttled)} were throttled at ${factNumber("sqs.fifo.tps")} calls/s; what was buffered (${figureText(depth)}) was up to ${figureText(age)} old when it could be matched, to clients who wait ${patience} s`,
    facts: ["sqs.fifo.tps", "sqs.fifo.in-flight"],
  };
};

const graceful: ClaimRule = (_claim, desk) => {
  const runs = desk.runs(scenario);
  const bad = figureOf(runs.map(badShare), "");
  const goodput = figureOf(
    runs.map((run) => {
      const [from, to] = spikeOf(run);
      return grownOver(run, "", "order-entry good", [from, to]) / (to - from);
    }),
    "orders/s",
  );
  const before = figureOf(
    runs.map((run) => {
      const [from] = spikeOf(run);
      return grownOver(run, "", "order-entry good", [from - 90, from]) / 90;
    }),
    "orders/s",
  );
  const after = runs.map((run) => {
    const [, to] = spikeOf(run);
    const ended = run.summary.functions.flatMap(({ outages }) => outages);
    const last = Math.max(
      to,
      ...ended.map(({ endedUs, censored }) =>
        censored ? Number.POSITIVE_INFINITY : endedUs / 1e6,
      ),
    );
    return last - to;
  });
  const recovery = figureOf(after, "s");
  const stays = after.filter((seconds) => !Number.isFinite(seconds)).length;
  // Degrading gracefully: those who were served before are served still.
  return {
    verdict:
      goodput.low >= 0.95 * before.value && Number.isFinite(recovery.high)
        ? "holds"
        : "does-not-hold",
    strategy: "degrades gracefully, without hard failures",
    ours: `${percentText(bad.value)} bad; ${figureText(goodput)} good during the spike, ${figureText(before)} before`,
    figure: goodput,
    why: `${figureText(goodput)} of order entry were good during the spike against ${figureText(before)} before it, ${percentText(bad.value)} failed or were late, and after the load had gone back ${stays > 0 ? `${stays} of ${runs.length} runs were still out of service when they ended: the platform stays down after its trigger is gone` : `service was back ${figureText(recovery)} later`}`,
  };
};

export const spikeRules: Readonly<Record<string, ClaimRule>> = {
  "spike.throttle": throttle,
  "spike.ecs": taskCount,
  "spike.aurora": replicas,
  "spike.dynamodb": table,
  "spike.sqs": queue,
  "spike.graceful": graceful,
};
