/** What faults of the market need of the workload: the symbol that they name, and somebody who places orders. */
import type { FaultSpec } from "../sim/twin/faults/fault-types.ts";
import type { Finding } from "./schema-mistakes.ts";
import { isObject, valueAt } from "./schema-walk.ts";

export function checkMarketFault(
  fault: FaultSpec,
  index: number,
  data: unknown,
): readonly Finding[] {
  const findings: Finding[] = [];
  const symbolCount = Number(valueAt(data, ["workload", "symbolCount"]));
  if ("symbol" in fault && fault.symbol >= symbolCount) {
    findings.push({
      code: "scenario.symbol-unknown",
      problem: `Fault "${fault.id}" is about symbol ${fault.symbol}, and the workload has ${symbolCount}`,
      remedy: `Use a number from 0 to ${symbolCount - 1}, or raise workload.symbolCount`,
      path: ["faults", index, "symbol"],
    });
  }
  const mix = valueAt(data, ["workload", "mix"]);
  const isAboutOrders = fault.kind === "volatility-burst" || fault.kind === "one-sided-flow";
  if (isAboutOrders && isObject(mix) && !(Number(mix["place"]) > 0)) {
    findings.push({
      code: "scenario.orders-none",
      problem: `Fault "${fault.id}" changes new orders, and clients send none`,
      remedy: "Give the mix a share of place, or remove the fault",
      path: ["faults", index, "kind"],
    });
  }
  return findings;
}
