import { expect, test } from "vitest";
import { CallSites, type CallSpec } from "../../components/fabric/call-sites.ts";
import { timeSpent } from "./time-spent.ts";

const components = ["api", "service", "cache", "database"];

function sitesOf(...flows: CallSpec[]) {
  const compiled = new CallSites({
    componentIndex: (id) => components.indexOf(id),
    operationIndex: () => 0,
  });
  for (const [flow, call] of flows.entries()) compiled.compile(flow, -1, call, `flow-${flow}`);
  return compiled.sites;
}

function spent(
  sites: ReturnType<typeof sitesOf>,
  successes: readonly number[],
  totalMs: readonly number[],
) {
  const times = {
    sites,
    siteSuccesses: Float64Array.from(successes),
    siteSuccessUs: Float64Array.from(totalMs, (ms) => ms * 1000),
  };
  return timeSpent(times, ["first", "second"], components);
}

test("each component is charged its own time: what the calls beneath it took is theirs", () => {
  const sites = sitesOf({ to: "api", calls: [{ to: "service", calls: [{ to: "database" }] }] });
  expect(spent(sites, [10, 10, 10], [1000, 800, 300])).toEqual([
    { flow: "first", component: "api", meanMs: 20 },
    { flow: "first", component: "service", meanMs: 50 },
    { flow: "first", component: "database", meanMs: 30 },
  ]);
});

test("time is spread over the flow's requests, also when only some of them reach a component", () => {
  const sites = sitesOf({
    to: "service",
    calls: [{ to: "cache", fallback: { to: "database" } }],
  });
  // Nine of ten hit the cache; one of ten asks the database.
  const rows = spent(sites, [10, 9, 1], [100, 9, 20]);
  expect(rows).toEqual([
    { flow: "first", component: "service", meanMs: 7.1 },
    { flow: "first", component: "cache", meanMs: 0.9 },
    { flow: "first", component: "database", meanMs: 2 },
  ]);
  const total = rows.reduce((sum, row) => sum + row.meanMs, 0);
  expect(total).toBeCloseTo(10, 9);
});

test("a component that a flow calls twice has one row, and flows are kept apart", () => {
  const sites = sitesOf(
    { to: "service", calls: [{ to: "cache" }, { to: "cache" }] },
    { to: "api", calls: [{ to: "cache" }] },
  );
  expect(spent(sites, [1, 1, 1, 2, 2], [10, 2, 3, 8, 4])).toEqual([
    { flow: "first", component: "service", meanMs: 5 },
    { flow: "first", component: "cache", meanMs: 5 },
    { flow: "second", component: "api", meanMs: 2 },
    { flow: "second", component: "cache", meanMs: 2 },
  ]);
});

test("a flow without a successful request has no rows", () => {
  const sites = sitesOf({ to: "api" }, { to: "service" });
  expect(spent(sites, [0, 1], [0, 5]).map(({ flow }) => flow)).toEqual(["second"]);
});

test("what was answered to requests that had failed by then is not told as part of the good ones", () => {
  const sites = sitesOf({
    to: "api",
    calls: [{ to: "service", calls: [{ to: "cache" }, { to: "database" }] }],
  });
  // Forty requests, of which ten succeeded in 100 ms; the service answered all, thirty of them too late.
  const rows = spent(sites, [10, 40, 40, 40], [1000, 3200, 400, 1200]);
  expect(rows).toEqual([
    { flow: "first", component: "api", meanMs: 20 },
    { flow: "first", component: "service", meanMs: 40 },
    { flow: "first", component: "cache", meanMs: 10 },
    { flow: "first", component: "database", meanMs: 30 },
  ]);
});

test("no call beneath is told as longer than its caller took, however late its answer", () => {
  const sites = sitesOf({
    to: "service",
    calls: [{ to: "cache", fallback: { to: "database" } }],
  });
  // The cache answers after seconds, when the service has long asked the database.
  const rows = spent(sites, [10, 10, 10], [1000, 80_000, 200]);
  expect(rows.every(({ meanMs }) => meanMs >= 0)).toBe(true);
  expect(rows.reduce((sum, { meanMs }) => sum + meanMs, 0)).toBeCloseTo(100, 9);
});

test("a component between one that gave up and one that is slow keeps its own time", () => {
  const sites = sitesOf({ to: "api", calls: [{ to: "service", calls: [{ to: "database" }] }] });
  // Ten succeeded in 200 ms; thirty more were answered after seconds, 20 ms of which the service itself took each time.
  const rows = spent(sites, [10, 40, 40], [2000, 80_000, 79_200]);
  expect(rows.map(({ component, meanMs }) => [component, Math.round(meanMs)])).toEqual([
    ["api", 0],
    ["service", 20],
    ["database", 180],
  ]);
});
