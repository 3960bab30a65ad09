import { expect, test } from "vitest";
import type { TwinError } from "../sim/errors/twin-error.ts";
import { loadScenario } from "./scenario-files.ts";
import { designsOf, readVariation } from "./sweep-designs.ts";

const base = loadScenario("az-power-loss");
const vary = (...texts: string[]) => designsOf(base, texts.map(readVariation));

/** The mistakes that come of some paths, as `problem - remedy`. */
function mistakesOf(...texts: string[]): readonly string[] {
  try {
    vary(...texts);
  } catch (error) {
    return (error as TwinError).mistakes.map(({ problem, remedy }) => `${problem} - ${remedy}`);
  }
  return [];
}

test("designs are all combinations, the last path varying fastest", () => {
  const designs = vary("order-service.taskCount=6,9", "workload.ratePerSecond=300,500");
  expect(designs.map(({ values }) => Object.values(values))).toEqual([
    [6, 300],
    [6, 500],
    [9, 300],
    [9, 500],
  ]);
  const [{ scenario }] = designs as [(typeof designs)[0]];
  expect(scenario.workload.ratePerSecond).toBe(300);
  // What the scenario itself overrides stays.
  expect(scenario.componentOverrides).toEqual({
    "order-service": { taskCount: 6 },
    "market-data-service": { taskCount: 6 },
  });
});

test("designs can be platforms, and what varies besides is looked for in each", () => {
  const calm = loadScenario("baseline-500");
  const designs = designsOf(
    calm,
    ["topology=current,phase-1-http-api", "api.ratePerSecond=700"].map(readVariation),
  );
  expect(designs.map(({ topology }) => topology.id)).toEqual(["current", "phase-1-http-api"]);
  expect(designs.map(({ scenario }) => scenario.topology)).toEqual(["current", "phase-1-http-api"]);
  expect(designs[1]!.scenario.componentOverrides!["api"]).toEqual({ ratePerSecond: 700 });
  expect(designs[1]!.scenario.workload).toEqual(designs[0]!.scenario.workload);
  expect(mistakesOf("topology=phase-1-htp-api,curent")).toEqual([
    'No topology "curent" is shipped - Did you mean "current"?; a file of your own is named with its path: ./curent.yaml',
    'No topology "phase-1-htp-api" is shipped - Did you mean "phase-1-http-api"?; a file of your own is named with its path: ./phase-1-htp-api.yaml',
  ]);
  expect(mistakesOf("topology.id=a")[0]).toMatch(/as a whole/);
});

test("lists are one value, list items go by id or name, fields beneath keep their neighbours", () => {
  const [one, two] = vary("cache.zones=[us-east-1a],[us-east-1a, us-east-1b]");
  expect(one!.scenario.componentOverrides!["cache"]).toEqual({ zones: ["us-east-1a"] });
  expect(two!.scenario.componentOverrides!["cache"]!["zones"]).toHaveLength(2);
  const [fault] = vary("faults.zone-dark.durationSeconds=60");
  expect(fault!.scenario.faults[0]).toMatchObject({ id: "zone-dark", durationSeconds: 60 });
  const [scaled] = vary("order-service.scaling.targetCpuPercent=50");
  expect(scaled!.scenario.componentOverrides!["order-service"]!["scaling"]).toMatchObject({
    targetCpuPercent: 50,
    taskCountMin: 6,
  });
  const [operation] = vary("order-service.operations.place.cpuMs=10");
  expect(operation!.scenario.componentOverrides!["order-service"]!["operations"]).toMatchObject([
    { name: "place", cpuMs: 10 },
    { name: "status", cpuMs: { median: 35.3 } },
    { name: "log-in" },
  ]);
  const [parameter] = vary("order-queue.parameters.callsPerSecond=600");
  expect(parameter!.scenario.componentOverrides!["order-queue"]).toEqual({
    parameters: { callsPerSecond: 600 },
  });
  const [network] = vary("network.interZoneRttMs=2");
  expect(network!.topology.network).toEqual({ interZoneRttMs: 2 });
});

test("a field that is left out of the file can vary all the same", () => {
  const [design] = vary("order-queue.highThroughput=true");
  expect(design!.scenario.componentOverrides!["order-queue"]).toEqual({ highThroughput: true });
});

test("an unknown path names the nearest, at every level, all at once", () => {
  expect(
    mistakesOf(
      "order-servce.taskCount=1",
      "order-service.taskcount=1",
      "workload.ratePerSec=1",
      "faults.zone-drk.durationSeconds=1",
      "order-queue.parameters.callsPerSecnd=1",
      "network.interZoneRtt=1",
      "order-service=1",
    ),
  ).toEqual([
    'Neither the topology nor the scenario has "order-servce" - Did you mean "order-service"?',
    'There is no field "taskcount" - Did you mean "taskCount"?',
    'There is no field "ratePerSec" - Did you mean "ratePerSecond"?',
    'There is no "zone-drk" in the list - Did you mean "zone-dark"?',
    '"order-queue" has no parameter "callsPerSecnd" - Did you mean "callsPerSecond"?',
    'There is no field "interZoneRtt" - Did you mean "interZoneRttMs"?',
    expect.stringContaining('"order-service" is a whole component - Name a field of it: '),
  ]);
});

test("values are checked as in a file, and what is no variation is told", () => {
  expect(mistakesOf("order-service.taskCount=6,-1,x")).toHaveLength(2);
  expect(mistakesOf("workload.mix.place=0.9")).toHaveLength(1);
  expect(mistakesOf("durationSeconds.x=1")[0]).toContain("nothing beneath");
  expect(mistakesOf("network.interZoneRttMs=fast")).toHaveLength(1);
  for (const text of ["taskCount", "=1", "order-service.taskCount="]) {
    expect(() => readVariation(text), text).toThrow("PATH=VALUE");
  }
});
