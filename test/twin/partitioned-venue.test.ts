import { expect, test } from "vitest";
import { Simulation } from "../../sim/twin/simulation.ts";
import type { ComponentSpec, Topology } from "../../sim/twin/topology-types.ts";
import { finish, shippedTopology, smallScenario } from "./small-drill.ts";

const venue = ["order-queue", "matching", "journal"];

/** The shipped platform with its venue in three parts. */
function inThreeParts(): Topology {
  const topology = shippedTopology();
  return changed(topology, (component) =>
    venue.includes(component.id)
      ? { ...component, partitions: { count: 3, by: "symbol" } }
      : component,
  );
}

/** The shipped platform twice, in two regions, each with its part of clients and symbols; edge and names are shared. */
function inTwoRegions(): Topology {
  const topology = shippedTopology();
  const shared = ["dns", "edge", "firewall"];
  const regions = ["us-east-1", "eu-west-1"];
  const suffixOf = (zone: string) => zone.slice("us-east-1".length);
  return {
    ...changed(topology, (component) => {
      if (shared.includes(component.id)) return component;
      const inSuffixes = Object.fromEntries(
        Object.entries(component).map(([key, value]) => {
          if (key === "zones" || key === "readerZones") return [key, value.map(suffixOf)];
          return [key, key === "writerZone" ? suffixOf(value) : value];
        }),
      );
      return { ...inSuffixes, inRegions: regions } as unknown as ComponentSpec;
    }),
    regions: regions.map((id, at) => ({
      id,
      share: 2 - at,
      zones: ["a", "b", "c"].map((zone) => ({ id: `${id}${zone}` })),
    })),
  };
}

function changed(
  topology: Topology,
  change: (component: ComponentSpec) => ComponentSpec,
): Topology {
  return { ...topology, components: topology.components.map(change) };
}

const killSecond = 60;

function drill(topology: Topology, component: string): Simulation {
  const scenario = smallScenario({
    durationSeconds: 240,
    ratePerSecond: 40,
    faults: [{ id: "kill", kind: "instance-kill", component, atSeconds: killSecond }],
  });
  return new Simulation({ scenario, topology, seed: "parts" });
}

test("each engine of a divided venue matches its own symbols, and all together equal the reference", {
  timeout: 60_000,
}, () => {
  const simulation = drill(inThreeParts(), "matching-2");

  const { results } = finish(simulation);

  expect(simulation.parts).toHaveLength(3);
  expect(results.books.equal).toBe(true);
  expect(results.invariants.every(({ violations }) => violations === 0)).toBe(true);
  for (const part of simulation.parts) expect(part.journal.end).toBeGreaterThan(0);
  const durable = simulation.parts.reduce((sum, { journal }) => sum + journal.end, 0);
  expect(durable).toBe(simulation.ledger.historyLength);
});

test("a dead engine holds up its own symbols and no others", { timeout: 60_000 }, () => {
  const simulation = drill(inThreeParts(), "matching-2");
  const { kernel, fabric, parts } = simulation;
  kernel.runUntil((killSecond + 1) * 1_000_000);
  const before = parts.map(({ journal }) => journal.end);
  kernel.runUntil((killSecond + 11) * 1_000_000);
  const grown = parts.map(({ journal }, part) => journal.end - before[part]!);

  expect(grown[1]).toBe(0);
  expect(grown[0]).toBeGreaterThan(0);
  expect(grown[2]).toBeGreaterThan(0);
  expect(fabric.component("order-queue-2").service).toBe("sqs-fifo");
});

test("a platform in two regions matches each symbol at its home, wherever the client is", {
  timeout: 60_000,
}, () => {
  const simulation = drill(inTwoRegions(), "matching-eu-west-1");
  const { fabric } = simulation;

  const { results } = finish(simulation);

  expect(results.books.equal).toBe(true);
  expect(results.invariants.every(({ violations }) => violations === 0)).toBe(true);
  const calls = (path: string) =>
    fabric.calls.siteCalls[fabric.sites.findIndex((site) => site.path === path)]!;
  const order = (from: string, to: string) =>
    calls(
      `place-order-${from}/dns/edge/api-${from}/balancer-${from}/order-service-${from}/order-queue-${to}`,
    );
  const home = order("us-east-1", "us-east-1") + order("eu-west-1", "eu-west-1");
  const abroad = order("us-east-1", "eu-west-1") + order("eu-west-1", "us-east-1");
  expect(home).toBeGreaterThan(0);
  expect(abroad).toBeGreaterThan(0);
  expect(calls("query-book-eu-west-1/dns/edge/api-eu-west-1")).toBeGreaterThan(0);
});

test("a divided venue in mid-recovery goes on from its snapshot as if it had never been interrupted", {
  timeout: 60_000,
}, () => {
  const whole = finish(drill(inThreeParts(), "matching-3"));
  const interrupted = drill(inThreeParts(), "matching-3");
  interrupted.kernel.runUntil((killSecond + 30) * 1_000_000);
  const restored = drill(inThreeParts(), "matching-3");
  restored.kernel.restore(interrupted.kernel.snapshot(), { random: "same" });

  const end = finish(restored);

  expect(end.digest).toBe(whole.digest);
  expect(end.results.books).toEqual(whole.results.books);
});
