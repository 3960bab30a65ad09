import { expect, test } from "vitest";
import { TestBed } from "../fabric/test-bed.ts";
import { createDynamoDb, type DynamoDb } from "./dynamodb.ts";

/** A table in each of two places, the second a replica of the first; flows write to each. */
function globalTable() {
  const bed = new TestBed({
    zones: ["a", "b"],
    factories: [
      { id: "here", zone: "a" },
      { id: "there", zone: "b", replicaOf: "here" },
    ].map(({ id, zone, ...rest }) => ({
      id,
      create: (fabric, index) =>
        createDynamoDb(
          fabric,
          index,
          { service: "dynamodb", id, zones: [zone], mode: "on-demand", ...rest },
          { userCount: 100, leaseCount: 1 },
        ),
    })),
    flows: ["here", "there"].map((to) => ({
      name: to,
      call: { to, operation: "write-session", timeoutMs: 1000 },
    })),
  });
  const here = bed.fabric.component("here") as DynamoDb;
  const there = bed.fabric.component("there") as DynamoDb;
  const logOut = (user: number) => {
    here.sessions.end(user);
    there.sessions.end(user);
  };
  return { bed, here, there, logOut };
}

test("a write reaches the other region after the published lag", () => {
  const { bed, here, there, logOut } = globalTable();
  logOut(7);
  bed.send("here", bed.request({ user: 7 }));
  bed.runSeconds(0.5);
  expect([
    here.sessions.isLoggedIn(7),
    there.sessions.isLoggedIn(7),
    there.sessions.notArrivedCount,
  ]).toEqual([true, false, 1]);
  bed.runSeconds(1);
  expect([there.sessions.isLoggedIn(7), there.sessions.notArrivedCount]).toEqual([true, 0]);
});

test("of two writes of one item inside the lag the later wins everywhere, and the earlier is gone", () => {
  const { bed, here, there } = globalTable();
  bed.send("here", bed.request({ user: 7 }));
  bed.runSeconds(0.3);
  bed.send("there", bed.request({ user: 7 }));
  bed.runSeconds(3);
  expect([here.sessions.overwrittenCount, there.sessions.overwrittenCount]).toEqual([0, 1]);
});

test("what was not replicated when a region is cut off is missing elsewhere until it comes back", () => {
  const { bed, here, there, logOut } = globalTable();
  for (let user = 0; user < 10; user += 1) {
    logOut(user);
    bed.send("here", bed.request({ user }));
    bed.runSeconds(0.3);
  }
  bed.isolate("a", true);
  bed.runSeconds(60);
  const missing = Array.from({ length: 10 }, (_, user) => there.sessions.isLoggedIn(user)).filter(
    (isIn) => !isIn,
  ).length;
  // The lag is a second and a write came each 0.3 s.
  expect(missing).toBeGreaterThanOrEqual(3);
  expect(missing).toBeLessThanOrEqual(4);
  expect(there.sessions.notArrivedCount).toBe(missing);
  expect(here.sessions.isLoggedIn(9)).toBe(true);
  bed.isolate("a", false);
  bed.runSeconds(3);
  expect(there.sessions.notArrivedCount).toBe(0);
  expect(there.sessions.isLoggedIn(9)).toBe(true);
});
