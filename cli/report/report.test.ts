import builder from "junit-report-builder";
import { expect, test } from "vitest";
import { summaryOf } from "../../sim/twin/ensemble/run-summary.ts";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import { sampleRecording, sampleWithResults } from "../../sim/twin/recording/sample-recording.ts";
import { clock, clockFrom, grouped } from "./clock.ts";
import { drillReport } from "./drill-report.ts";
import type { DrillRun } from "./drill-run.ts";
import { githubAnnotations, githubSummary } from "./github-report.ts";
import { jsonReport } from "./json-report.ts";
import { junitReport } from "./junit-report.ts";
import { functionLines } from "./service-text.ts";
import { textReport } from "./text-report.ts";
import { timelineOf } from "./timeline.ts";
import { judgedOf, verdictOf } from "./verdict.ts";

const told = {
  scenarioName: "az-power-loss",
  recordingPath: "recordings/az-power-loss-1.stormrec",
};

test("the report says when, what, where, how long, what was lost and what to do next", () => {
  const text = textReport(sampleRecording(), told).join("\n");
  for (const line of [
    "baseline healthy from 05:00.0 to 10:00.0",
    "  +00:00.0  10:00.0  fault    us-east-1a: zone power loss",
    "order-service, matching in us-east-1a: lost x5 until +00:01.0",
    "  +01:23.0  11:23.0  recover  matching: back in service after 82.0 s",
    "commands  435,000 accepted: 434,990 matched, 10 waiting, 0 lost",
    "64 in doubt (2 took effect), 5,136 refused",
    "books     equal the reference engine's, order by order",
    "queue (declared)  435,000",
    "all 2 held in 486,930 checks",
    "place-order 27.5: order-service 19.4, order-queue 8.1",
    "MISSED  matching-rto: 82 against a limit of 60 seconds",
    "overridden: order-queue.visibilityTimeoutUs = 30,000,000 us instead of 20,000,000",
    "npx stormbell run recordings/az-power-loss-1.stormrec",
    "digest 9f2c4e01d7b8a365",
  ]) {
    expect(text).toContain(line);
  }
  expect(text.split("\n").at(-1)).toBe(
    "az-power-loss, seed 1: 4 of 5 objectives met; missed: matching-rto",
  );
});

test("the report is ASCII and fits 100 columns", () => {
  for (const line of textReport(sampleRecording(), told)) {
    expect(line).toMatch(/^[\x20-\x7e]{0,100}$/);
  }
});

test("a line that is too long goes on further in than it began, whichever line of its section it is", () => {
  const timeSpent = ["log-in", "place-order"].flatMap((flow) =>
    Array.from({ length: 8 }, (_, at) => ({
      flow,
      component: `station-${at}`,
      meanMs: 9 - at / 2,
    })),
  );
  const lines = textReport(sampleWithResults({ timeSpent }), told);
  const first = lines.findIndex((line) => line.startsWith("  log-in"));
  const indents = lines.slice(first, first + 4).map((line) => line.search(/\S/));
  expect(indents).toEqual([2, 6, 2, 6]);
});

test("the parts of a recovery time stand beside it and its target", () => {
  const row = textReport(sampleRecording(), told).find((line) => line.includes("MISSED  11.4"));
  expect(row?.trim().split(/ {2,}/)).toEqual([
    "matching",
    "82.0 s",
    "60.0 s",
    "MISSED",
    "11.4",
    "0.0",
    "27.6",
    "31.2",
    "11.8",
    "99.99%",
    "12.1",
    "48.9",
  ]);
});

test("what happened before the fault is told where the platform was not healthy then", () => {
  const { head } = sampleRecording();
  const early = {
    ...head.events[0]!,
    atUs: 5_000_000,
    kind: "ecs.waits-for-host",
    stage: "decide",
  };
  const told = (healthy: boolean) => {
    const baseline = { ...head.results.baseline, healthy };
    const events = [early as (typeof head.events)[number], ...head.events];
    return timelineOf({ ...head, events, results: { ...head.results, baseline } }, 40);
  };
  expect([told(true).earlierCount, told(true).rows[0]?.stage]).toEqual([1, "fault"]);
  expect([told(false).earlierCount, told(false).rows[0]?.what]).toEqual([0, "waits for host"]);
});

test("what stands neither in the history nor in the queue is told apart", () => {
  const { totals } = sampleRecording().head.results;
  const text = textReport(
    sampleWithResults({ totals: { ...totals, commandsWaiting: 7, commandsUnderWay: 3 } }),
    told,
  ).join("\n");
  expect(text).toContain(
    "435,000 accepted: 434,990 matched, 7 waiting, 3 on the way to the journal, 0 lost",
  );
});

test("each trigger has its stages in a row and on the timeline, the breach that nobody saw among them", () => {
  const at = (seconds: number) => ({ atUs: seconds * 1_000_000, seq: 0 });
  const recording = sampleWithResults({
    triggers: [
      {
        id: "order-cpu-high",
        component: "order-service",
        metric: "CPUUtilization",
        comparison: ">",
        threshold: 70,
        breachedUs: 660_000_000,
        alarmed: at(840),
        acted: at(840),
        effective: at(900),
        cleared: null,
      },
    ],
  });
  const lines = textReport(recording, told);
  const row = lines.find((line) => line.startsWith("  order-cpu-high"));
  expect(row?.trim().split(/ {2,}/)).toEqual([
    "order-cpu-high",
    "11:00.0",
    "14:00.0",
    "14:00.0",
    "15:00.0",
    "-",
  ]);
  const shown = timelineOf(recording.head, 40).rows.filter(({ place }) =>
    place.startsWith("trigger "),
  );
  expect(shown.map(({ atUs, what }) => [atUs / 1e6, what])).toEqual([
    [660, "BREACHED (CPUUtilization > 70)"],
    [840, "ALARMED"],
    [840, "ACTED ON"],
    [900, "EFFECTIVE"],
  ]);
});

test("a function's error budget tells what was spent, how fast, and which alert would have fired", () => {
  const alert = { longSeconds: 3600, shortSeconds: 300 };
  const lines = textReport(
    sampleWithResults({
      errorBudgets: [
        {
          function: "matching",
          availability: 0.999,
          periodDays: 30,
          goodCount: 9000,
          badCount: 1000,
          burnRate: 100,
          spentShare: 0.0316,
          alerts: [
            { id: "fast", ...alert, rateMax: 14.4, peakRate: 22.7, firedAtSeconds: 652 },
            { id: "slow", ...alert, rateMax: 6, peakRate: 3.81, firedAtSeconds: null },
            { id: "ticket", ...alert, rateMax: 1, peakRate: 0.3, firedAtSeconds: null },
          ],
        },
      ],
    }),
    told,
  );
  const row = lines.find((line) => line.includes("99.9%"));
  expect(row?.trim().split(/ {2,}/)).toEqual([
    "matching",
    "99.9%/30d",
    "1,000",
    "3.16%",
    "100.0",
    "22.7 of 14.4, at 10:52.0",
    "3.8 of 6",
    "0.3 of 1",
  ]);
});

test("an outage that outlasts the run is a lower bound and never met", () => {
  const { results } = sampleRecording().head;
  const [entry, ...others] = results.functions;
  const outages = entry!.outages.map((outage) => ({ ...outage, endedUs: -1, censored: true }));
  const open = sampleWithResults({
    functions: [{ ...entry!, outages, censored: true }, ...others],
  });
  const text = textReport(open, told).join("\n");
  expect(text).toMatch(/order-entry +>41\.5 s +60\.0 s +MISSED/);
  expect(text).not.toContain("order-entry: back in service");
});

test("with an unhealthy baseline no recovery time counts, and the reason is the verdict", () => {
  const text = textReport(unhealthy(), told).join("\n");
  expect(text).toContain("BASELINE UNHEALTHY");
  expect(text).toMatch(/82\.0 s +60\.0 s +void/);
  expect(verdictOf(judgedOf(unhealthy()))).toMatchObject({
    kind: "baseline-unhealthy",
    text: "az-power-loss, seed 1: baseline unhealthy: ten tasks of 50 requests/s leave no head-room",
  });
});

test("what differs is listed by order id", () => {
  const { books } = sampleRecording().head.results;
  const text = textReport(
    sampleWithResults({
      books: { ...books, equal: false, differingOrderIds: [7, 9] },
      differences: [
        {
          kind: "lost",
          what: "order",
          orderId: 7,
          symbol: 3,
          quantity: 100,
          notional: 1e6,
          acceptedUs: 599_000_000,
          lastPlace: "journal",
        },
      ],
    }),
    told,
  ).join("\n");
  expect(text).toContain("DIFFER from the reference engine's in 2 orders");
  expect(text).toContain("first ids: 7, 9");
  expect(text).toContain(
    "lost order 7: symbol 3, 100 lots, accepted at 09:59.0, last seen in journal",
  );
});

test("a copy is told of with what it lacked when its source was lost, at its worst and in the end", () => {
  const lack = (items: number, seconds: number | null) => ({ atUs: 0, items, seconds });
  const lines = textReport(
    sampleWithResults({
      copies: [
        {
          component: "capture",
          of: "database",
          unit: "changes",
          sourceLost: lack(1437, 12.34),
          most: lack(2000, null),
          atEnd: lack(0, 0),
          neverCount: 40,
        },
      ],
    }),
    told,
  );
  const row = lines.find((line) => line.startsWith("  capture"));
  expect(row?.trim().split(/ {2,}/)).toEqual([
    "capture",
    "changes",
    "1,437, 12.3 s old",
    "2,000",
    "nothing",
    "40",
  ]);
});

test("a broken invariant is told with its first violation", () => {
  const text = textReport(
    sampleWithResults({
      invariants: [
        { name: "one buyer", checks: 10, violations: 2, firstViolation: "trade 5 has two" },
      ],
    }),
    told,
  ).join("\n");
  expect(text).toContain("VIOLATED one buyer: 2 of 10 checks; first: trade 5 has two");
});

test("what one fault takes down at once is one line that names a few", () => {
  const { events } = sampleRecording().head;
  const down = ["api", "balancer", "cache", "database"].map((component, at) => ({
    ...events[0]!,
    seq: 50 + at,
    kind: "instance.failed-by-power",
    component,
    place: `${component} #${at} in us-east-1a`,
  }));
  const { rows } = timelineOf(sampleRecording({ events: [...events, ...down] }).head, 40);
  expect(rows).toContainEqual(
    expect.objectContaining({
      what: "failed by power",
      place: "api, balancer, cache and 1 more in us-east-1a",
      count: 4,
    }),
  );
});

test("a fault says what it is about, and stands where nothing else does", () => {
  const { events } = sampleRecording().head;
  const fault = (seq: number, kind: string, place: string) => ({
    ...events[0]!,
    seq,
    kind,
    component: "",
    zone: "",
    place,
  });
  const struck = [
    fault(50, "observability.lost", ""),
    fault(51, "link.degraded", "us-east-1a"),
    fault(52, "clients.load-changed", ""),
    fault(53, "zone.power-lost", "us-east-1a"),
    { ...fault(54, "runbook.failback.halt-old.carried-out", "dns"), stage: "act" as const },
  ];
  const { rows } = timelineOf(sampleRecording({ events: [...events, ...struck] }).head, 40);
  const words = rows
    .filter(({ seqs }) => (seqs[0] ?? 0) >= 50)
    .map((row) => `${row.place}: ${row.what}`);
  expect(words).toEqual([
    "observability: lost",
    "us-east-1a: link degraded",
    "clients: load changed",
    "us-east-1a: power lost",
    "dns: failback: halt old carried out",
  ]);
});

test("a task that got the number of one that is gone is told apart from it", () => {
  const { events } = sampleRecording().head;
  const task = (seq: number, kind: string, zone = "us-east-1a") => ({
    ...events[1]!,
    seq,
    atUs: 600_000_000 + seq * 60_000_000,
    kind,
    component: "matching",
    zone,
    place: `Matching service #44 in ${zone}`,
  });
  const reused = [
    task(50, "ecs.task-lost"),
    task(51, "ecs.task-launched"),
    task(52, "ecs.task-lost"),
    task(53, "ecs.task-launched", "us-east-1b"),
    { ...task(54, "ecs.task-running", "us-east-1b"), place: "Matching service #44 in us-east-1b" },
    {
      ...task(54, "ecs.task-running", "us-east-1b"),
      seq: 55,
      place: "Matching service #9 in us-east-1b",
    },
  ];
  const { rows } = timelineOf(sampleRecording({ events: [...events, ...reused] }).head, 40);
  const placed = rows.filter(({ seqs }) => (seqs[0] ?? 0) >= 50).map(({ place }) => place);
  expect(placed).toEqual([
    "Matching service #44 in us-east-1a",
    "Matching service #44.2 in us-east-1a",
    "Matching service #44.2 in us-east-1a",
    "Matching service #44.3 in us-east-1b",
    "Matching service in us-east-1b",
  ]);
});

test("a row without latencies says so, and what matching's counts from where the journal accepts", () => {
  const { head } = sampleRecording();
  const functions = head.results.functions.map((each) => ({
    ...each,
    latencyMsP50: each.function === "matching" ? 0 : each.latencyMsP50,
    latencyMsP99: each.function === "matching" ? 0 : each.latencyMsP99,
  }));
  const results = { ...head.results, functions };
  const lines = functionLines({ ...head, results });
  expect(lines.find((line) => line.startsWith("  matching"))?.trim()).toMatch(/- +-$/);
  expect(lines.join("\n")).not.toContain("timed from the queue");
  const topology = { ...head.topology, acceptance: "journal" as const };
  expect(functionLines({ ...head, topology, results }).at(-1)).toContain("timed from the queue");
});

test("a long timeline keeps the way from fault to recovery and counts what it leaves out", () => {
  const { events } = sampleRecording().head;
  const noise = Array.from({ length: 500 }, (_, at) => ({
    ...events[1]!,
    seq: 100 + at,
    kind: `noise.${at}`,
    zone: `zone-${at}`,
    atUs: 600_000_000 + at,
  }));
  const { rows, hiddenCount } = timelineOf(
    sampleRecording({ events: [...events, ...noise] }).head,
    30,
  );
  expect(rows).toHaveLength(30);
  expect(rows.flatMap(({ seqs }) => seqs)).toEqual(expect.arrayContaining([0, 5, 6, 7, 8, 9]));
  expect(rows.flatMap(({ seqs }) => seqs).length + hiddenCount).toBe(510);
});

test("the JSON report has the verdict, the timeline and the results under their own names", () => {
  expect(JSON.parse(JSON.stringify(jsonReport(sampleRecording(), told)))).toMatchObject({
    scenario: "az-power-loss",
    verdict: "missed",
    firstFaultSeconds: 600,
    recording: told.recordingPath,
    totals: { commandsAccepted: 435_000 },
  });
});

test("JUnit has a suite a scenario, a case an objective, and failures that say how to replay them", () => {
  const xml = junitReport(builder.newBuilder(), [drillRun(sampleRecording())]);
  expect(xml).toContain('<testsuite name="az-power-loss"');
  expect(xml).toContain('tests="6" failures="1"');
  expect(xml).toContain('<property name="simulatedSeconds" value="1200"/>');
  expect(xml).toContain(
    'message="82 against a limit of 60 seconds, seed 1; replay: npx stormbell run az-power-loss --seed 1"',
  );
});

test("in JUnit an unhealthy baseline is a failure of its own", () => {
  const xml = junitReport(builder.newBuilder(), [
    drillRun(unhealthy()),
    drillRun(sampleRecording({ seed: "2" })),
  ]);
  expect(xml).toMatch(/name="baseline \(seed 1\)"[^/]*>\s*<failure message="ten tasks/);
  expect(xml).toContain('name="matching-rto (seed 2)"');
});

test("annotations escape what GitHub would misread, and put the worst first", () => {
  const [first, second, ...rest] = githubAnnotations([
    drillRun(sampleRecording()),
    drillRun(unhealthy()),
  ]);
  expect(first).toMatch(
    /^::error file=scenarios\/az%2Cpower.yaml,line=1,title=az-power-loss%3A baseline unhealthy::ten/,
  );
  expect(second).toMatch(/^::error .*title=az-power-loss%3A matching-rto missed::82 against/);
  expect(rest).toEqual([]);
  const lines = sampleRecording().head.results.objectives.map((each) => ({
    ...each,
    met: false,
    because: "50%\nor so",
  }));
  expect(githubAnnotations([drillRun(sampleWithResults({ objectives: lines }))])[0]).toContain(
    "50%25%0Aor so",
  );
});

test("no more annotations than GitHub shows, and a summary under its bound", () => {
  const many = Array.from({ length: 3000 }, () => drillRun(sampleRecording()));
  expect(githubAnnotations(many)).toHaveLength(10);
  expect(githubSummary(many).length).toBeLessThan(1_048_576);
});

test("the verdict table ends with one line for all runs", () => {
  const lines = drillReport([drillRun(sampleRecording()), drillRun(met())]);
  expect(lines[1]).toMatch(
    /^az-power-loss +1 +MISSED +4\/5 +82\.0 s matching +0 +9f2c4e01d7b8a365$/,
  );
  expect(lines.at(-1)).toBe("1 of 2 runs met all their objectives");
});

test("time and numbers read the same everywhere", () => {
  expect([clock(0), clock(61_250_000), clock(3_600_000_000), clock(-1_000_000)]).toEqual([
    "00:00.0",
    "01:01.3",
    "01:00:00.0",
    "-00:01.0",
  ]);
  expect(clockFrom(5_000_000, 2_000_000)).toBe("+00:03.0");
  expect([grouped(999), grouped(1_234_567), grouped(-1000), grouped(1234.5)]).toEqual([
    "999",
    "1,234,567",
    "-1,000",
    "1,234.5",
  ]);
});

function unhealthy(): Recording {
  const { baseline } = sampleRecording().head.results;
  const reasons = ["ten tasks of 50 requests/s leave no head-room"];
  return sampleWithResults({ baseline: { ...baseline, healthy: false, reasons } });
}

function met(): Recording {
  const { objectives } = sampleRecording().head.results;
  return sampleWithResults({ objectives: objectives.map((each) => ({ ...each, met: true })) });
}

function drillRun(recording: Recording): DrillRun {
  return {
    scenarioName: "az-power-loss",
    scenarioPath: "scenarios/az,power.yaml",
    timeScale: 1,
    summary: summaryOf(recording),
    recordingPath: undefined,
    wallSeconds: 2.5,
  };
}
