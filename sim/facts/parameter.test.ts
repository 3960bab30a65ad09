import { expect, test } from "vitest";
import {
  assumption,
  fromFact,
  isDoubtfulParameter,
  overridden,
  usFromFact,
  valuesOf,
} from "./parameter.ts";

test("a parameter read from a fact carries its key and confidence", () => {
  expect(fromFact("elasticache.max-connections")).toEqual({
    value: 65_000,
    unit: "per node",
    origin: "fact",
    factKey: "elasticache.max-connections",
    confidence: "documented",
  });
});

test("a documented duration becomes whole microseconds, whatever its unit", () => {
  expect(usFromFact("alb.health-check.interval-s")).toMatchObject({
    value: 30_000_000,
    unit: "us",
  });
  expect(usFromFact("net.rtt.inter-az", "min").value).toBe(250);
  expect(usFromFact("net.rtt.inter-az", "max").value).toBe(3_370);
  expect(usFromFact("aurora.replica-autoscaling.provision-min", 1).value).toBe(600_000_000);
  expect(usFromFact("kinesis.retention-h", "min").value).toBe(86_400_000_000);
});

test("what is not a duration is refused as one", () => {
  expect(() => usFromFact("s3.prefix.put-rps")).toThrow(
    expect.objectContaining({ code: "facts.not-a-duration" }),
  );
});

test("an override keeps the key and shows what it replaced", () => {
  const base = fromFact("fargate.task.start-time-s", 0);
  expect(isDoubtfulParameter(base)).toBe(true);
  const mine = overridden(base, 12, "measured on our images");
  expect(mine).toEqual({
    value: 12,
    unit: "s (p50, p95)",
    origin: "override",
    factKey: "fargate.task.start-time-s",
    why: "measured on our images",
    replaced: 35,
  });
  expect(isDoubtfulParameter(mine)).toBe(false);
});

test("a set of parameters gives plain numbers under the same names", () => {
  const set = {
    intervalUs: usFromFact("alb.health-check.interval-s"),
    tasksMax: assumption(40, "tasks", "twice the settled load"),
  };
  expect(valuesOf(set)).toEqual({ intervalUs: 30_000_000, tasksMax: 40 });
});
