import { expect, test } from "vitest";
import { assumption, fromFact } from "../../facts/parameter.ts";
import type { ComponentSpec, Topology } from "../topology-types.ts";
import { compareTopologies, type DescribedTopology } from "./compare-topologies.ts";

function described(
  components: readonly object[],
  more: Partial<Topology> = {},
  parameters: DescribedTopology["parameters"] = new Map(),
): DescribedTopology {
  const topology: Topology = {
    id: "one",
    title: "One",
    description: "For tests",
    regions: [{ id: "us-east-1", zones: [{ id: "us-east-1a" }] }],
    acceptance: "queue",
    components: components as readonly ComponentSpec[],
    flows: [],
    actorCalls: [],
    ...more,
  };
  return { topology, parameters };
}

const api = { id: "api", service: "api-gateway", api: "rest", zones: ["us-east-1a"] };
const queue = { id: "queue", service: "sqs-fifo", zones: ["us-east-1a"] };

test("a topology does not differ from itself", () => {
  const differences = compareTopologies(described([api, queue]), described([api, queue]));
  expect(differences).toMatchObject({
    platform: [],
    added: [],
    removed: [],
    changed: [],
    callsAdded: [],
    callsRemoved: [],
  });
});

test("components are told that only one has, and an id of another service is another component", () => {
  const log = { id: "queue", service: "msk", zones: ["us-east-1a"] };
  const { added, removed } = compareTopologies(described([api, queue]), described([log]));
  expect(added).toEqual([log]);
  expect(removed).toEqual([api, queue]);
});

test("choices are told by their way, with both values, and what only one chooses without the other's", () => {
  const changed = {
    ...api,
    api: "http",
    zones: ["us-east-1a", "us-east-1b"],
    limits: { burst: 7 },
  };
  expect(compareTopologies(described([api]), described([changed])).changed[0]?.fields).toEqual([
    { field: "api", from: "rest", to: "http" },
    { field: "zones", from: "us-east-1a", to: "us-east-1a, us-east-1b" },
    { field: "limits.burst", from: undefined, to: "7" },
  ]);
});

test("parameters are told with both values and where they are from, and not twice as choices", () => {
  const before = { rate: fromFact("sqs.fifo.tps"), delay: assumption(1, "ms", "a guess") };
  const after = { ...before, rate: assumption(9, "calls/s", "another guess") };
  const { changed } = compareTopologies(
    described([queue], {}, new Map([["queue", before]])),
    described([{ ...queue, parameters: { rate: 9 } }], {}, new Map([["queue", after]])),
  );
  expect(changed).toEqual([
    {
      id: "queue",
      service: "sqs-fifo",
      fields: [],
      parameters: [{ name: "rate", from: before.rate, to: after.rate }],
    },
  ]);
});

test("regions, shares and the point of acceptance are of the platform; calls are told by their ways", () => {
  const flow = (to: string) => ({
    id: "place",
    requests: ["place" as const],
    function: "order-entry" as const,
    call: { to: "api", calls: [{ to, operation: "send" }] },
  });
  const { platform, callsAdded, callsRemoved } = compareTopologies(
    described([api], { flows: [flow("queue")] }),
    described([api], {
      acceptance: "journal",
      regions: [
        { id: "us-east-1", share: 3, zones: [{ id: "us-east-1a" }] },
        { id: "eu-west-1", zones: [{ id: "eu-west-1a" }] },
      ],
      flows: [flow("log")],
    }),
  );
  expect(platform).toEqual([
    { field: "acceptance", from: "queue", to: "journal" },
    { field: "regions.us-east-1.share", from: undefined, to: "3" },
    { field: "regions.eu-west-1.zones", from: undefined, to: "eu-west-1a" },
  ]);
  expect(callsAdded).toEqual(["place: api > log send"]);
  expect(callsRemoved).toEqual(["place: api > queue send"]);
});

test("zones that a component has in several regions are the same zones under a short name", () => {
  const everywhere = { ...api, zones: ["a"], inRegions: ["us-east-1", "eu-west-1"] };
  expect(compareTopologies(described([api]), described([everywhere])).changed[0]?.fields).toEqual([
    { field: "inRegions", from: undefined, to: "us-east-1, eu-west-1" },
  ]);
});
