import { describe, expect, test } from "vitest";
import { priceKey } from "../../facts/prices/price-catalogue.ts";
import { billOf, line } from "./bill-bed.ts";
import { optimisations, withOptimisations } from "./optimisations.ts";

const database = line(priceKey("aurora.r6g.large-hour"), { quantity: 2_190 });
const cache = line(priceKey("elasticache.r6g.large-hour"), { quantity: 730 });
const tasks = line("fargate.vcpu-hour", { quantity: 14_600 });
const storage = line("aurora.storage", { quantity: 1_000 });

function paid(lines: Parameters<typeof billOf>[0], ...ids: readonly string[]) {
  return withOptimisations(billOf(lines), ids);
}

describe("commitments", () => {
  test("a year's reservation takes 30 % off database and cache instances, and nothing off storage", () => {
    const { bill } = paid([database, cache, storage], "reserved-1y");
    const [databaseUsd, cacheUsd, storageUsd] = bill.lines.map(({ monthUsd }) => monthUsd);
    expect(databaseUsd).toBeCloseTo(2_190 * 0.26 * 0.7, 9);
    expect(cacheUsd).toBeCloseTo(730 * 0.206 * 0.7, 9);
    expect(storageUsd).toBeCloseTo(100, 9);
  });

  test("a year's savings plan takes the documented 20 % off Fargate, and leaves the database", () => {
    const { bill } = paid([tasks, database], "savings-plan-1y");
    expect(bill.lines[0]!.monthUsd).toBeCloseTo(14_600 * 0.04048 * 0.8, 9);
    expect(bill.lines[1]!.monthUsd).toBeCloseTo(2_190 * 0.26, 9);
  });

  test("a reservation and a savings plan are paid for together, two reservations are not", () => {
    const { bill } = paid([tasks, database], "reserved-3y", "savings-plan-3y");
    expect(bill.lines[0]!.payShare).toBeCloseTo(0.5, 9);
    expect(bill.lines[1]!.payShare).toBeCloseTo(0.34, 9);
    expect(() => paid([database], "reserved-1y", "reserved-3y")).toThrow("switches-contradict");
    expect(() => paid([tasks], "savings-plan-1y", "savings-plan-3y")).toThrow("two ways to pay");
  });

  test("what the bill has nothing of is said", () => {
    const { bill, notes } = paid([database], "ec2-savings-plan-1y");
    expect(notes).toEqual(["ec2-savings-plan-1y: the bill has nothing of ec2"]);
    expect(bill).toEqual(billOf([database]));
  });
});

test("an HTTP API takes the same requests at its own tiers: 68 % less at 1.3 billion (the strategy: 70)", () => {
  const requests = line("api-gateway.rest-request", { quantity: 1.314e9, follows: "load" });
  const rest = billOf([requests]).monthUsd;
  const { bill } = paid([requests], "http-api");
  expect(bill.monthUsd).toBeCloseTo(300 + 1014 * 0.9, 6);
  expect(1 - bill.monthUsd / rest).toBeCloseTo(0.68, 2);
});

test("a table provisioned at its target use pays for the mean over that use, by the hour", () => {
  const reads = line("dynamodb.read-unit", { quantity: 2_628_000 * 700, follows: "load" });
  const writes = line("dynamodb.write-unit", { quantity: 2_628_000 * 70, follows: "load" });
  const { bill } = paid([reads, writes], "dynamodb-provisioned");
  expect(bill.lines.map(({ monthQuantity }) => monthQuantity)).toEqual([
    expect.closeTo(1000 * 730, 3),
    expect.closeTo(100 * 730, 3),
  ]);
  expect(bill.monthUsd).toBeCloseTo(1000 * 730 * 0.00013 + 100 * 730 * 0.00065, 6);
});

test("interface endpoints cost a quarter of a NAT gateway's bytes less, and are paid for one by one", () => {
  const hours = line("net.nat-hour", { quantity: 2_190 });
  const bytes = line("net.nat", { quantity: 1_000, follows: "load" });
  const { bill } = paid([hours, bytes], "privatelink");
  expect(bill.lines[0]!.monthUsd).toBeCloseTo(4 * 2_190 * 0.01, 9);
  expect(bill.lines[1]!.monthUsd).toBeCloseTo(1_000 * 0.01, 9);
});

describe("history", () => {
  const keptMonths = (365 * 24) / 730;
  const history = line("s3.standard", {
    quantity: 1000 * keptMonths,
    follows: "load",
    what: "history",
  });
  const puts = (objects: number) => line("s3.put", { quantity: objects, follows: "load" });

  test("in Glacier, 90 of 365 days stay in the standard class and each object is moved once", () => {
    const { bill } = paid([history, puts(1e6)], "s3-lifecycle");
    const [near, far, moves] = bill.lines.map(({ monthUsd }) => monthUsd);
    expect(near).toBeCloseTo(((12_000 * 90) / 365) * 0.023, 6);
    expect(far).toBeCloseTo(((12_000 * 275) / 365) * 0.0036, 6);
    expect(moves).toBeCloseTo((1e6 / 1000) * 0.03, 6);
  });

  test("in Intelligent-Tiering, parts of an age have its class, and every object kept is watched", () => {
    const { bill } = paid([history, puts(1e6)], "s3-intelligent-tiering");
    const [frequent, infrequent, archive, watched] = bill.lines.map(({ monthUsd }) => monthUsd);
    expect(frequent).toBeCloseTo(((12_000 * 30) / 365) * 0.023, 6);
    expect(infrequent).toBeCloseTo(((12_000 * 60) / 365) * 0.0125, 6);
    expect(archive).toBeCloseTo(((12_000 * 275) / 365) * 0.0036, 6);
    expect(watched).toBeCloseTo(((1e6 * keptMonths) / 1000) * 0.0025, 6);
  });

  test.each(["s3-lifecycle", "s3-intelligent-tiering"])(
    "%s does nothing for objects below 128 KB, and says so",
    (id) => {
      const { bill, notes } = paid([history, puts(1e9)], id);
      expect(notes[0]).toContain("below 128 KB nothing is tiered");
      expect(bill).toEqual(billOf([history, puts(1e9)]));
    },
  );
});

test("an unknown switch is a mistake that lists the known ones", () => {
  expect(() => paid([tasks], "spot")).toThrow("savings-plan-1y");
});

test("no switch makes anything dearer than it was, but for moves of small objects and endpoints", () => {
  const bill = billOf([database, cache, tasks, storage]);
  for (const { id } of optimisations) {
    expect(withOptimisations(bill, [id]).bill.monthUsd).toBeLessThanOrEqual(bill.monthUsd);
  }
});
