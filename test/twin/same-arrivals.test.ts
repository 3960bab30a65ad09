import { expect, test } from "vitest";
import { requestKind } from "../../sim/components/fabric/requests.ts";
import type { Simulation } from "../../sim/twin/simulation.ts";
import { assemble, shippedScenario } from "./small-drill.ts";

const seconds = 30;

/**
 * Every request but log-ins, which also follow a refusal: when its client meant to send it, who, on which symbol. A cancel
 * without an order to cancel becomes an order.
 */
function arrivals(topology: string, seed: string): readonly (readonly number[])[] {
  const shipped = shippedScenario("baseline-500");
  const scenario = {
    ...shipped,
    topology,
    durationSeconds: seconds,
    warmUpSeconds: 5,
    workload: { ...shipped.workload, ratePerSecond: 100, userCount: 400 },
  };
  const simulation: Simulation = assemble(scenario, seed);
  simulation.kernel.runUntil(simulation.durationUs);
  const { column, count } = simulation.fabric.requests;
  return Array.from({ length: count }, (_, row) => row)
    .filter((row) => column.kind[row] !== requestKind.logIn)
    .map((row) => [column.intendedUs[row]!, column.user[row]!, column.symbol[row]!]);
}

test("platforms are compared under the same arrivals, whatever they answer", () => {
  const [plain, http, fast, limitless] = [
    "phase-1",
    "phase-1-http-api",
    "phase-1-fast-queues",
    "phase-1-limitless",
  ].map((id) => arrivals(id, "1"));
  expect(plain!.length).toBeGreaterThan(80 * seconds);
  expect(http).toEqual(plain);
  expect(fast).toEqual(plain);
  expect(limitless).toEqual(plain);
  expect(arrivals("phase-1", "2")).not.toEqual(plain);
});
