import { expect, test } from "vitest";
import type { FaultSpec } from "../sim/twin/faults/fault-types.ts";
import type { Platform } from "../sim/twin/platform/expand-topology.ts";
import { checkFaultTarget } from "./fault-targets.ts";

const aurora = {
  id: "database",
  service: "aurora",
  instanceClass: "db.r6g.large",
  writerZone: "us-east-1a",
  readerZones: [],
};
const capture = { id: "capture", service: "dms", zones: ["us-east-1a"], source: "database" };
const fault: FaultSpec = {
  id: "held",
  kind: "open-transaction",
  component: "database",
  atSeconds: 1,
  durationSeconds: 1,
};

function mistakes(...components: readonly object[]) {
  return checkFaultTarget(fault, 0, { components } as unknown as Platform);
}

test("a transaction left open is a mistake where no change capture waits for it, and the remedy names what does", () => {
  expect(mistakes(aurora, capture)).toEqual([]);
  const [none] = mistakes(aurora);
  expect(none?.code).toBe("scenario.transaction-unfelt");
  expect(none?.remedy).toContain("Add a dms component");
  const [other] = mistakes(aurora, { ...aurora, id: "read" }, { ...capture, source: "read" });
  expect(other?.remedy).toContain("Strike read");
  expect(other?.path).toEqual(["faults", 0, "component"]);
});

test("errors of its own are no fault of a Network Load Balancer, which answers nothing", () => {
  const errors: FaultSpec = {
    id: "errors",
    kind: "service-errors",
    component: "balancer",
    share: 0.5,
    atSeconds: 1,
    durationSeconds: 1,
  };
  const balancer = { id: "balancer", service: "load-balancer", zones: ["a"], targets: ["orders"] };
  const told = (component: object) =>
    checkFaultTarget(errors, 0, { components: [component] } as unknown as Platform);
  expect(told(balancer)).toEqual([]);
  expect(told({ ...balancer, type: "network" })[0]?.code).toBe("scenario.fault-not-understood");
});
