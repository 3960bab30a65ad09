import { expect, test } from "vitest";
import { TwinError } from "../sim/errors/twin-error.ts";
import type { Topology } from "../sim/twin/topology-types.ts";
import { sampleScenarioText, sampleTopologyText } from "./sample-texts.ts";
import {
  kindOfText,
  type LocatedMistake,
  requireValid,
  validateScenarioText,
  validateTopologyText,
} from "./validate-text.ts";

test("a scenario without mistakes comes with its topology", () => {
  const validated = validateScenario(sampleScenarioText);
  expect(validated).toMatchObject({
    ok: true,
    warnings: [],
    value: { scenario: { id: "az-power-loss" }, topology: { id: "small" } },
  });
});

test("a mistake says what is wrong, where, and what to do next", () => {
  const [mistake] = mistakesOf(change("    durationSeconds: 300\n", ""));
  expect(mistake).toEqual({
    code: "scenario.key-missing",
    problem: '"durationSeconds" is missing',
    remedy: "Add durationSeconds: a number",
    at: "a.yaml:20:5",
    file: "a.yaml",
    line: 20,
    column: 5,
    path: "/faults/0/durationSeconds",
  });
});

test("a misspelt key is one mistake", () => {
  expect(mistakesOf(change("ratePerSecond", "ratePerSecnd"))).toMatchObject([
    { code: "scenario.key-unknown", remedy: 'Did you mean "ratePerSecond"?', line: 9, column: 3 },
  ]);
});

test("all mistakes are told at once, in the order of lines", () => {
  const text = sampleScenarioText
    .replace("ratePerSecond: 500", "ratePerSecond: 500/s")
    .replace("place: 0.7", "plcae: 0.7")
    .replace("zone: zone-of:matching", "zone: us-east-1x")
    .replace("kind: rpo", "kind: rop")
    .replace("holdSeconds: 30", "holdSeconds: -30");
  expect(told(text)).toEqual([
    "9:18 scenario.type-wrong",
    "11:5 scenario.key-unknown",
    "23:11 scenario.zone-unknown",
    "34:18 scenario.out-of-range",
    "40:11 scenario.value-unknown",
  ]);
});

test.each([
  ["title: An", "tilte: An", "scenario.key-unknown", 'Did you mean "title"?'],
  ["kind: rto", "kind: RTO", "scenario.value-unknown", 'Did you mean "rto"?'],
  [
    "kind: zone-power-loss",
    "kind: earthquake",
    "scenario.value-unknown",
    /^Use one of zone-power-loss, /,
  ],
  ["userCount: 1000", "userCount: '1000'", "scenario.type-wrong", /without quotes/],
  ["userCount: 1000", "userCount: 10.5", "scenario.type-wrong", "Write a whole number"],
  ["userCount: 1000", "userCount:", "scenario.type-wrong", /^Write a value after the colon/],
  ["userCount: 1000", "userCount: .inf", "scenario.type-wrong", /number/],
  ["symbolSkew: 1", "symbolSkew: -1", "scenario.out-of-range", "Write a number that is at least 0"],
  ["retriesMax: 2", "retriesMax: 8", "scenario.out-of-range", "Write a number that is at most 7"],
  ["place: 0.7", "place: 0.6", "scenario.mix-sum", /sum to 1/],
  ["id: az-power-loss", "id: Az Loss", "scenario.name-malformed", /hyphens/],
  [
    "zone-of:matching",
    "zone-of:matchign",
    "scenario.component-unknown",
    'Did you mean "matching"?',
  ],
  ["zone-of:matching", "us-east-1", "scenario.zone-unknown", /us-east-1a/],
  ["atSeconds: 600", "atSeconds: 1200", "scenario.fault-outside-run", /raise durationSeconds/],
  [
    "faults:",
    "faults:\n  - { id: drop, kind: connection-drop, atSeconds: 600, share: 0.5 }",
    "scenario.connections-none",
    /reconnectMs/,
  ],
  ["afterSeconds: 60", "afterSeconds: 0", "scenario.curve-falls", /afterSeconds grow/],
  [
    "afterSeconds: 60, share: 1",
    "afterSeconds: 60, share: 0.9",
    "scenario.curve-unfinished",
    /share is 1/,
  ],
  [
    "warmUpSeconds: 300",
    "warmUpSeconds: 1200",
    "scenario.warm-up-too-long",
    /includes the warm-up/,
  ],
  ["cancel: 0.3", "amend: 0.3", "scenario.request-without-flow", /flows for place, cancel/],
  [
    "kind: invariants",
    "kind: rpo\n    lostMax: 1",
    "scenario.invariants-missing",
    /kind: invariants/,
  ],
  ["id: orders-rto", "id: nothing-lost", "scenario.id-twice", /name of its own/],
  [
    "    kind: rto\n    function: order-entry",
    "    kind: rto\n    function: matching",
    "scenario.rto-without-service",
    /kind service/,
  ],
  [
    "    kind: service\n    function: order-entry",
    "    kind: service\n    function: log-in",
    "scenario.function-unserved",
    /order-entry/,
  ],
  ["topology: small", "topology: smal", "topology.unknown", "Use small"],
  [
    "workload:",
    "componentOverrides: { ordr-queue: {} }\nworkload:",
    "scenario.component-unknown",
    'Did you mean "order-queue"?',
  ],
  [
    "workload:",
    "componentOverrides: { matching: { vcpus: 2 } }\nworkload:",
    "scenario.key-unknown",
    'Did you mean "vcpu"?',
  ],
  [
    "workload:",
    "componentOverrides: { matching: { zones: [us-east-9] } }\nworkload:",
    "scenario.zone-unknown",
    /us-east-1a/,
  ],
  [
    "workload:",
    "componentOverrides: { matching: { id: m } }\nworkload:",
    "scenario.override-of-identity",
    /topology of your own/,
  ],
  ["title: An", "\ttitle: An", "yaml.tab", "Indent with spaces"],
  ["title: An", "title: A\ntitle: An", "yaml.key-twice", /Keep one/],
  ["mix:", "mix: {", "yaml.unfinished", /Close it/],
  ["title: An", "title: a: An", "yaml.colon", /quotes/],
  ["faults:", "faults: &f [*f]\nrest:", "yaml.alias", /outside it/],
  ["id: power\n", "id: *power\n", "yaml.alias", /Declare the anchor/],
])("%j changed to %j is %s", (from, to, code, remedy) => {
  const found = mistakesOf(change(from, to)).find((mistake) => mistake.code === code);
  expect(found?.remedy).toMatch(remedy);
});

test("a fault that its target does not understand is a mistake", () => {
  const kill = (component: string, role: string) =>
    change(
      /kind: zone-power-loss[\s\S]*(?=objectives)/,
      `kind: instance-kill\n    atSeconds: 600\n    component: ${component}\n    role: ${role}\n`,
    );
  expect(told(kill("matching", "active"))).toEqual([]);
  expect(told(kill("matching", "writer"))).toEqual(["24:11 scenario.role-unknown"]);
  expect(told(kill("order-queue", "primary"))).toEqual(["23:16 scenario.fault-not-understood"]);
});

test("errors need a managed service, and a deployment a program and something that is wrong with it", () => {
  const told = (fault: string) =>
    mistakesOf(
      sampleScenarioText.replace(/faults:[\s\S]*?objectives:/, `faults:\n${fault}objectives:`),
    ).map(({ code, line }) => `${line} ${code}`);
  const fault = (kind: string, component: string, rest: string) =>
    `  - { id: one, atSeconds: 600, durationSeconds: 60, kind: ${kind}, component: ${component}${rest} }\n`;
  const [at] = told(fault("service-errors", "matching", ", share: 1"));
  expect(at).toMatch(/ scenario.fault-not-understood$/);
  expect(told(fault("service-errors", "order-queue", ", share: 1"))).toEqual([]);
  expect(told(fault("bad-deployment", "matching", ", slowFactor: 3"))).toEqual([]);
  expect(told(fault("bad-deployment", "matching", ""))[0]).toMatch(/ scenario.deployment-not-bad$/);
  expect(told(fault("bad-deployment", "order-queue", ", slowFactor: 3"))[0]).toMatch(
    / scenario.fault-not-understood$/,
  );
});

test("a fault too soon after the warm-up is only a warning", () => {
  const { ok, warnings } = validateScenario(change("atSeconds: 600", "atSeconds: 500"));
  expect(ok).toBe(true);
  expect(warnings).toMatchObject([{ code: "scenario.baseline-short", line: 22, column: 16 }]);
});

test.each([
  ["", "scenario.empty"],
  ["# only a comment\n", "scenario.empty"],
  ["just words", "scenario.not-keys"],
  ["- a\n- b\n", "scenario.not-keys"],
  [`${sampleScenarioText}---\n${sampleScenarioText}`, "yaml.several-documents"],
])("a file that is no document is refused: %j", (text, code) => {
  expect(mistakesOf(text).map((mistake) => mistake.code)).toEqual([code]);
});

test("whatever is cut off a scenario, the answer is mistakes and not a crash", () => {
  for (let length = 0; length < sampleScenarioText.length; length += 13) {
    const validated = validateScenario(sampleScenarioText.slice(0, length));
    expect(validated.ok || validated.mistakes.length > 0).toBe(true);
  }
});

test.each([
  ["to: api", "to: apo", "topology.component-unknown", 'Did you mean "api"?'],
  [
    "to: order-queue, operation: send",
    "to: order-queu, operation: send",
    "topology.component-unknown",
    'Did you mean "order-queue"?',
  ],
  ["queue: order-queue", "queue: orders", "topology.component-unknown", /order-queue/],
  ["queue: order-queue", "queue: journal", "topology.service-wrong", /order-queue/],
  ["service: kinesis", "service: s3", "topology.service-wrong", /no component to choose/],
  ["service: kinesis", "service: sqs-fifoo", "topology.value-unknown", 'Did you mean "sqs-fifo"?'],
  [
    "- component: matching",
    "- component: matchin",
    "topology.component-unknown",
    'Did you mean "matching"?',
  ],
  ["zones: [us-east-1a]", "zones: [us-east-1c]", "topology.zone-unknown", /us-east-1a/],
  ["- id: us-east-1b", "- id: us-east-1a", "topology.id-twice", /zone/],
  [
    "- id: us-east-1\n",
    "- id: eu-north-9\n",
    "prices.region-unknown",
    'Did you mean "eu-north-1"?',
  ],
  ["id: api\n", "id: journal\n", "topology.id-twice", /component/],
  [
    "requests: [place, cancel]",
    "requests: [place, place]",
    "topology.request-twice",
    /one of the two/,
  ],
  ["retriesMax: 2", "retriesMax: 9", "topology.out-of-range", /at most 7/],
  ["retriesMax: 2", "retryMax: 2", "topology.key-unknown", 'Did you mean "retriesMax"?'],
  ["service: sqs-fifo", "service: sqs", "topology.value-unknown", /sqs-fifo/],
])("in a topology, %j changed to %j is %s", (from, to, code, remedy) => {
  const validated = validateTopologyText(changeIn(sampleTopologyText, from, to), "t.yaml");
  const found = validated.ok ? undefined : validated.mistakes.find((each) => each.code === code);
  expect(found?.remedy).toMatch(remedy);
});

test.each([
  ["source: order-queue, batchSizeMax: 11", "asks a FIFO queue for 11"],
  ["source: order-queue, batchSizeMax: 9, calls: [{ name: x, per: symbol }]", "for each symbol"],
  ["source: trades, batchSizeMax: 99, concurrencyMax: 3", "bounds its executions"],
  ["source: trades, batchSizeMax: 99, calls: [{ name: x, per: record }]", "for each record"],
])("a function with %s says what its source has no use for", (fields, problem) => {
  const spec = `  - id: functions
    service: lambda
    zones: [us-east-1a]
    functions:
      - { id: f, durationMs: { median: 1, sigma: 0 }, memoryMb: 128, ${fields} }
`;
  const text = changeIn(sampleTopologyText, "\nflows:", `\n${spec}flows:`);
  const validated = validateTopologyText(text, "t.yaml");
  const found = validated.ok
    ? []
    : validated.mistakes.map((each) => `${each.code}: ${each.problem}`);
  expect(found.filter((each) => each.includes(problem))).toHaveLength(1);
});

test("mistakes of a topology are told with the scenario that names it", () => {
  const broken = () => {
    throw new TwinError({
      code: "topology.key-unknown",
      problem: "Unknown key",
      remedy: "Mend it",
      at: "t.yaml:3:1",
    });
  };
  const validated = validateScenarioText(sampleScenarioText, "a.yaml", { loadTopology: broken });
  expect(validated.ok ? [] : validated.mistakes).toMatchObject([
    { code: "topology.key-unknown", problem: "Unknown key (t.yaml:3:1)", line: 5, column: 11 },
  ]);
});

test("a topology is told from a scenario by its components", () => {
  expect(kindOfText(sampleTopologyText)).toBe("topology");
  expect(kindOfText(sampleScenarioText)).toBe("scenario");
});

function validateScenario(text: string) {
  return validateScenarioText(text, "a.yaml", { loadTopology });
}

function loadTopology(name: string): Topology {
  if (name === "small")
    return requireValid(validateTopologyText(sampleTopologyText, "small.yaml"), "small.yaml");
  throw new TwinError({
    code: "topology.unknown",
    problem: `There is no topology "${name}"`,
    remedy: "Use small",
  });
}

function mistakesOf(text: string): readonly LocatedMistake[] {
  const validated = validateScenario(text);
  return validated.ok ? [] : validated.mistakes;
}

function told(text: string): readonly string[] {
  return mistakesOf(text).map(({ line, column, code }) => `${line}:${column} ${code}`);
}

function change(from: string | RegExp, to: string): string {
  return changeIn(sampleScenarioText, from, to);
}

function changeIn(text: string, from: string | RegExp, to: string): string {
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  return changed;
}
