import { describe, expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createDynamoDb, type DynamoDb } from "./dynamodb.ts";
import type { DynamoDbSpec } from "./dynamodb-spec.ts";

/** A service in each of three zones that uses a table; keys of calls spread the calls over the services. */
function bedWithTable(
  options: Partial<Pick<DynamoDbSpec, "mode" | "provisioned" | "parameters">> = {},
) {
  const spec: DynamoDbSpec = {
    service: "dynamodb",
    id: "table",
    zones: ["a", "b", "c"],
    mode: "on-demand",
    ...options,
  };
  const flow = (operation: string) => ({
    name: operation,
    call: { to: "front", timeoutMs: 5000, calls: [{ to: "table", operation, timeoutMs: 1000 }] },
  });
  const bed = new TestBed({
    factories: [
      plainService({
        id: "front",
        zones: ["a", "b", "c"],
        insideMax: 1_000_000,
        operations: { serve: 10 },
      }),
      {
        id: "table",
        create: (fabric, index) =>
          createDynamoDb(fabric, index, spec, { userCount: 10_000, leaseCount: 10 }),
      },
    ],
    flows: ["read-session", "write-session", "lease", "end-lease", "read", "write"].map(flow),
    framesMax: 200_000,
  });
  return { bed, table: bed.fabric.component("table") as DynamoDb };
}

/** Calls at an even rate; returns how many were throttled. */
function load(
  bed: TestBed,
  flow: string,
  options: { perSecond: number; seconds: number; key?: (at: number) => number },
): number {
  const from = bed.answers.length;
  const perStep = options.perSecond / 100;
  let sent = 0;
  for (let step = 0; step < options.seconds * 100; step += 1) {
    while (sent < (step + 1) * perStep) {
      bed.send(flow, options.key?.(sent) ?? sent);
      sent += 1;
    }
    bed.runSeconds(0.01);
  }
  bed.runSeconds(1);
  return bed.answers.slice(from).filter((each) => each.result === outcome.throttled).length;
}

describe("sessions", () => {
  test("a user who is not logged in is refused, and is let in after logging in", () => {
    const { bed, table } = bedWithTable();
    table.sessions.end(5);
    for (const flow of ["read-session", "write-session", "read-session"]) {
      bed.send(flow, bed.request({ user: 5 }));
      bed.runSeconds(1);
    }
    expect(bed.answers.map((each) => each.result)).toEqual([
      outcome.refused,
      outcome.ok,
      outcome.ok,
    ]);
  });

  test("sessions are there when the run begins and end one by one", () => {
    const { bed, table } = bedWithTable({ parameters: { sessionUs: 100_000_000 } });
    const loggedIn = () =>
      Array.from({ length: 1000 }, (_, user) => table.sessions.isLoggedIn(user)).filter(Boolean)
        .length;
    expect(loggedIn()).toBe(1000);
    bed.runSeconds(50);
    expect(loggedIn()).toBeGreaterThan(430);
    expect(loggedIn()).toBeLessThan(570);
    bed.runSeconds(51);
    expect(loggedIn()).toBe(0);
  });
});

describe("capacity", () => {
  test("one key is throttled at the 1,000 writes a second of its partition while the table has plenty", () => {
    const { bed } = bedWithTable();
    expect(load(bed, "write", { perSecond: 900, seconds: 3, key: () => 1 })).toBe(0);
    const throttled = load(bed, "write", { perSecond: 2000, seconds: 5, key: () => 1 });
    // Ten thousand calls against a full bucket of one second and five seconds of refill.
    expect(throttled).toBeGreaterThan(3_900);
    expect(throttled).toBeLessThan(4_200);
    expect(load(bed, "write", { perSecond: 2000, seconds: 2 })).toBe(0);
  });

  test("a fresh on-demand table serves its documented 4,000 writes a second at once, not more", () => {
    const { bed } = bedWithTable({ parameters: { partitionWriteUnits: 100_000 } });
    expect(load(bed, "write", { perSecond: 3_900, seconds: 3 })).toBe(0);
    const throttled = load(bed, "write", { perSecond: 6_000, seconds: 4 });
    expect(throttled).toBeGreaterThan(3_500);
    expect(throttled).toBeLessThan(4_500);
  });

  test("an on-demand table serves twice the peak of half an hour ago", () => {
    const small = { onDemandWriteUnits: 50, partitionWriteUnits: 100_000 };
    const { bed, table } = bedWithTable({ parameters: small });
    load(bed, "write", { perSecond: 45, seconds: 130 });
    bed.runSeconds(25 * 60);
    expect(table.writeUnitsLimit).toBe(50);
    bed.runSeconds(10 * 60);
    expect(table.writeUnitsLimit).toBeGreaterThan(85);
    expect(table.writeUnitsLimit).toBeLessThanOrEqual(91);
  });

  test("a provisioned table lives for a while on what it did not use", () => {
    const { bed } = bedWithTable({
      mode: "provisioned",
      provisioned: { readUnits: 100, writeUnits: 10 },
    });
    // Three hundred seconds of ten units are saved: three thousand writes on top of the ten a second.
    const throttled = load(bed, "write", { perSecond: 400, seconds: 10 });
    expect(throttled).toBeGreaterThan(850);
    expect(throttled).toBeLessThan(950);
  });
});

describe("leases", () => {
  test("a lease has one owner at a time, and its epoch rises when another takes it", () => {
    const { bed, table } = bedWithTable();
    const [inA, inB] = bed.instances("front");
    const { calls } = bed.fabric;
    // The plain front is chosen by the key of the call; the lease is its number.
    calls.callAsClient(bed.fabric.flowSite("lease"), 1, 0, 0);
    bed.runSeconds(0.1);
    expect([table.leases.owner(0), table.leases.epoch(0)]).toEqual([inA, 1]);
    expect(table.leases.take(0, inB!, bed.fabric.instances.epoch[inB!]!)).toBe(false);
    bed.runSeconds(9);
    calls.callAsClient(bed.fabric.flowSite("lease"), 1, 0, 1);
    bed.runSeconds(9);
    // It was extended, so it has not run out, and the epoch is the same.
    expect(table.leases.take(0, inB!, bed.fabric.instances.epoch[inB!]!)).toBe(false);
    expect(table.leases.epoch(0)).toBe(1);
    bed.runSeconds(1.1);
    expect(table.leases.take(0, inB!, bed.fabric.instances.epoch[inB!]!)).toBe(true);
    expect([table.leases.owner(0), table.leases.epoch(0)]).toEqual([inB, 2]);
  });

  test("an instance that was restarted is another owner than before", () => {
    const { bed, table } = bedWithTable();
    bed.fabric.calls.callAsClient(bed.fabric.flowSite("lease"), 1, 0, 0);
    bed.runSeconds(0.1);
    const owner = table.leases.owner(0);
    bed.fail(owner, "crash");
    bed.fabric.instances.column.status[owner] = 2;
    bed.fabric.calls.callAsClient(bed.fabric.flowSite("lease"), 1, 0, 1);
    bed.runSeconds(0.1);
    expect(bed.answers.at(-1)!.result).toBe(outcome.refused);
    expect(table.leases.epoch(0)).toBe(1);
  });

  test("a lease that is given up can be taken at once", () => {
    const { bed, table } = bedWithTable();
    bed.fabric.calls.callAsClient(bed.fabric.flowSite("lease"), 1, 0, 0);
    bed.runSeconds(0.1);
    bed.fabric.calls.callAsClient(bed.fabric.flowSite("end-lease"), 1, 0, 0);
    bed.runSeconds(0.1);
    expect(table.leases.take(0, 77, 1)).toBe(true);
    expect(table.leases.epoch(0)).toBe(2);
  });
});

describe("loss of a zone", () => {
  test("costs a share of the calls for the seconds until its hosts are left out, and no session", () => {
    const { bed, table } = bedWithTable();
    bed.runSeconds(1);
    bed.losePower("c");
    const results = (seconds: number) => {
      const from = bed.answers.length;
      for (let at = 0; at < seconds * 50; at += 1) {
        // Two of three services live on; calls of the third never reach the table.
        const request = bed.request({ user: at % 10_000 });
        if (request % 3 !== 2) bed.send("read-session", request);
        bed.runSeconds(0.02);
      }
      bed.runSeconds(2);
      return bed.answers.slice(from).map((each) => each.result);
    };
    const during = results(4);
    const timedOut = during.filter((each) => each === outcome.timedOut).length / during.length;
    expect(timedOut).toBeGreaterThan(0.2);
    expect(timedOut).toBeLessThan(0.47);
    expect(results(4).every((each) => each === outcome.ok)).toBe(true);
    expect(table.sessions.isLoggedIn(1)).toBe(true);
    expect(bed.causes(bed.events("host.left-out")[0]!.seq)[0]).toBe("zone.power-lost");
  });

  test("a host that is cut off from the majority reads but does not write", () => {
    const { bed, table } = bedWithTable();
    const inC = bed.instances("table", "c")[0]!;
    bed.isolate("c", true);
    const { calls } = bed.fabric;
    const zone = bed.fabric.zone("c");
    const [, , frontInC] = bed.instances("front");
    expect(bed.fabric.instances.column.zone[frontInC!]).toBe(zone);
    const before = bed.fabric.instances.column.arrivedCount[inC]!;
    for (let at = 0; at < 30; at += 1) {
      calls.callAsClient(bed.fabric.flowSite("write"), zone, at * 3 + 2, 0);
      calls.callAsClient(bed.fabric.flowSite("read"), zone, at * 3 + 2, 0);
    }
    bed.runSeconds(2);
    expect(bed.fabric.instances.column.arrivedCount[inC]! - before).toBeGreaterThan(10);
    const ok = bed.answers.filter((each) => each.result === outcome.ok).length;
    const refused = bed.answers.filter((each) => each.result === outcome.unavailable).length;
    expect(ok).toBeGreaterThan(3);
    expect(refused).toBeGreaterThan(3);
    expect(table.throttledCount).toBe(0);
  });
});
