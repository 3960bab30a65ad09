import { expect, test } from "vitest";
import type { FaultSpec } from "../sim/twin/faults/fault-types.ts";
import type { Platform } from "../sim/twin/platform/expand-topology.ts";
import { checkMarketFault } from "./check-market-faults.ts";
import { checkFaultTarget } from "./fault-targets.ts";

const at = { id: "event", atSeconds: 400, durationSeconds: 60 };
const workload = { symbolCount: 50, mix: { place: 0.5, cancel: 0.5 } };

function codes(fault: FaultSpec, changes: object = {}): string[] {
  return checkMarketFault(fault, 0, { workload: { ...workload, ...changes } }).map(
    ({ code }) => code,
  );
}

test("a fault may only be about a symbol that there is", () => {
  const hot = (symbol: number): FaultSpec => ({ ...at, kind: "hot-symbol", symbol, share: 0.5 });
  expect(codes(hot(49))).toEqual([]);
  expect(codes(hot(50))).toEqual(["scenario.symbol-unknown"]);
  expect(codes({ ...at, kind: "volatility-burst", factor: 5, symbol: 50 })).toEqual([
    "scenario.symbol-unknown",
  ]);
  expect(codes({ ...at, kind: "volatility-burst", factor: 5 })).toEqual([]);
});

test("moods of the market are a mistake where nobody places orders", () => {
  const sided: FaultSpec = { ...at, kind: "one-sided-flow", side: "buy", share: 0.9 };
  expect(codes(sided)).toEqual([]);
  expect(codes(sided, { mix: { "query-book": 1 } })).toEqual(["scenario.orders-none"]);
});

test("a poisoned record is one of a function's, which the fault names", () => {
  const functions = { id: "functions", service: "lambda", functions: [{ id: "archive" }] };
  const told = (component: string, name?: string) =>
    checkFaultTarget(
      { ...at, kind: "poison-message", component, count: 1, ...(name && { function: name }) },
      0,
      {
        components: [functions, { id: "matching", service: "matching-service" }],
      } as unknown as Platform,
    );
  expect(told("functions", "archive")).toEqual([]);
  expect(told("matching")).toEqual([]);
  expect(told("functions")[0]?.remedy).toContain("archive");
  expect(told("functions", "archiv")[0]?.remedy).toContain('"archive"');
  expect(told("matching", "archive")[0]?.code).toBe("scenario.function-unneeded");
});

test("trading is halted where books are: not at a standby, nor on a platform without an engine", () => {
  const told = (fault: FaultSpec, ...components: object[]) =>
    checkFaultTarget(fault, 0, { components } as unknown as Platform);
  const halt: FaultSpec = { ...at, kind: "trading-halt" };
  const owner = { id: "matching", service: "matching-service" };
  const standby = { ...owner, id: "matching-west", standbyFor: "matching" };
  expect(told(halt, owner, standby)).toEqual([]);
  expect(told({ ...halt, component: "matching" }, owner, standby)).toEqual([]);
  expect(told(halt)[0]?.code).toBe("scenario.market-none");
  const [mistake] = told({ ...halt, component: "matching-west" }, owner, standby);
  expect(mistake?.code).toBe("scenario.market-of-standby");
  expect(mistake?.remedy).toContain("Name the owner: matching;");
});
