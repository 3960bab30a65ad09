import { expect, test } from "vitest";
import type { TwinError } from "../errors/twin-error.ts";
import type { Topology } from "./topology-types.ts";
import { forAcceptance, withOverrides } from "./topology-variants.ts";

const topology: Topology = {
  id: "small",
  title: "Small",
  description: "Two components",
  regions: [],
  acceptance: "queue",
  components: [
    { id: "edge", service: "cloudfront" },
    { id: "storage", service: "s3", zones: ["a", "b"] },
  ],
  flows: [
    {
      id: "place-order",
      requests: ["place"],
      function: "order-entry",
      call: {
        to: "edge",
        calls: [
          { to: "queue", calls: [{ to: "late", onlyWhenAcceptedAt: "journal" }] },
          { to: "journal", onlyWhenAcceptedAt: "journal", calls: [{ to: "beneath" }] },
          { to: "quick", onlyWhenAcceptedAt: "queue" },
        ],
      },
    },
  ],
  actorCalls: [],
};

function calleesOf(acceptance: "queue" | "journal"): string[] {
  const called: string[] = [];
  const visit = (call: Topology["flows"][number]["call"]): void => {
    called.push(call.to);
    for (const beneath of call.calls ?? []) visit(beneath);
  };
  visit(forAcceptance(topology, acceptance).flows[0]!.call);
  return called;
}

test("calls that belong to the other point of acceptance are left out, with all beneath them", () => {
  expect(calleesOf("queue")).toEqual(["edge", "queue", "quick"]);
  expect(calleesOf("journal")).toEqual(["edge", "queue", "late", "journal", "beneath"]);
});

test("the topology says which point of acceptance it was made for, and the original is left as it was", () => {
  expect(forAcceptance(topology, "journal").acceptance).toBe("journal");
  expect(topology.acceptance).toBe("queue");
  expect(topology.flows[0]!.call.calls).toHaveLength(3);
});

test("overrides change fields of a component and leave its others, and the other components, alone", () => {
  const changed = withOverrides(topology, { storage: { zones: ["c"] } });
  expect(changed.components).toEqual([
    { id: "edge", service: "cloudfront" },
    { id: "storage", service: "s3", zones: ["c"] },
  ]);
  expect(withOverrides(topology, undefined).components).toEqual(topology.components);
});

test("an override of a component that does not exist names those that do", () => {
  const change = () => withOverrides(topology, { storag: { zones: ["c"] } });
  expect(change).toThrow();
  try {
    change();
  } catch (error) {
    expect((error as TwinError).code).toBe("scenario.component-unknown");
    expect((error as TwinError).remedy).toContain("edge, storage");
  }
});
