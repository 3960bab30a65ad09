import { expect, test } from "vitest";
import {
  allFacts,
  type FactKey,
  factKey,
  factNumber,
  factNumberAt,
  factOf,
  isDoubtful,
  nearestFactKeys,
  searchFacts,
} from "./facts.ts";

test("a fact comes with its unit, source, date and confidence", () => {
  expect(factOf("alb.health-check.interval-s")).toMatchObject({
    value: 30,
    unit: "s",
    kind: "timing",
    asOf: "2026-08",
    confidence: "documented",
  });
});

test("every fact is complete, and every number in it is finite", () => {
  for (const fact of allFacts()) {
    expect(fact.key).toMatch(/^[a-z0-9]+([.-][a-z0-9]+)*$/);
    expect(fact.source.length, fact.key).toBeGreaterThan(5);
    expect(fact.note.length, fact.key).toBeGreaterThan(5);
    expect(fact.asOf, fact.key).toMatch(/^(<=)?\d{4}(-\d\d)?$/);
    expect(["documented", "vendor-blog", "from-memory"]).toContain(fact.confidence);
    expect(["limit", "timing", "failure-mode", "price", "behaviour"]).toContain(fact.kind);
    expect(JSON.stringify(fact.value), fact.key).not.toContain("null");
    expect(fact.unit, fact.key).not.toBe("string bool");
  }
});

test("the catalogue holds the 424 facts taken in, less three merged away, and those found since", () => {
  expect(allFacts()).toHaveLength(424 - 3 + 28);
  expect(allFacts().filter(isDoubtful)).toHaveLength(56);
});

test("a number is reached by position, by field name, or both", () => {
  expect(factNumber("aurora.replicas.max")).toBe(15);
  expect(factNumber("rds.multi-az-instance.failover-s", 1)).toBe(120);
  expect(factNumberAt("sqs.visibility-timeout-s", "default")).toBe(30);
  expect(factNumberAt("net.rtt.inter-az", "typical", 1)).toBe(1.5);
  expect(factNumberAt("aurora.db.r6g.spec", "xlarge", 1)).toBe(32);
});

test("ranges and fractions that were written as text can be read as numbers", () => {
  expect(factOf("aurora.commit-latency")).toMatchObject({ value: [2, 5], unit: "ms (low, high)" });
  expect(factOf("aurora.storage.write-quorum").value).toEqual([4, 6]);
  expect(factOf("alb.cross-zone-default").value).toBe(true);
});

test("asking for a number where there is none says what is there", () => {
  expect(() => factNumber("aurora.crash-recovery")).toThrow("near-instant, no long redo replay");
  expect(() => factNumber("rds.multi-az-instance.failover-s")).toThrow("[60,120]");
  expect(() => factNumberAt("sqs.visibility-timeout-s", "toString")).toThrow("has no number at");
  expect(() => factNumber("rds.multi-az-instance.failover-s", 2)).toThrow("has no number at 2");
});

test("an unknown key is answered with the nearest ones", () => {
  expect(() => factKey("alb.healthcheck.interval-s")).toThrow(
    expect.objectContaining({
      code: "facts.key-unknown",
      remedy: expect.stringContaining("alb.health-check.interval-s"),
    }),
  );
  expect(nearestFactKeys("sqs.fifo.tp", 1)).toEqual(["sqs.fifo.tps"]);
  expect(() => factOf("toString" as FactKey)).toThrow("There is no fact");
});

test("a search needs all its words, and puts keys before notes", () => {
  const found = searchFacts(["Redis", "failover"]);
  expect(found.length).toBeGreaterThan(0);
  expect(searchFacts(["visibility", "timeout"])[0]?.key).toBe("sqs.visibility-timeout-s");
  expect(searchFacts(["no-such-word"])).toEqual([]);
  expect(searchFacts([])).toHaveLength(allFacts().length);
});

/**
 * Figures that were collected twice. "merged": the key on the left is gone, and its reading stands as an
 * alternative of the better one. "kept": both are listed, and the chosen one knows the other.
 */
const doubled: readonly [
  other: string,
  chosen: FactKey,
  "merged" | "kept",
  "agree" | "disagree",
][] = [
  ["ec2.c7g.price-hour", "ec2.price.c7g", "merged", "agree"],
  ["sqs.fifo.default-tps", "sqs.fifo.tps", "merged", "agree"],
  ["sqs.fifo.default-tps", "sqs.fifo.tps-batched", "merged", "agree"],
  ["ec2.savings-plan-pct", "savings-plans.compute.max-discount-pct", "merged", "agree"],
  ["ec2.savings-plan-pct", "savings-plans.ec2-instance.max-discount-pct", "merged", "agree"],
  ["elb.dns-ttl-s", "route53.dns.alias-elb-ttl-s", "kept", "agree"],
  ["rdsproxy.failover.reduction-blog-pct", "rdsproxy.failover.reduction-pct", "kept", "disagree"],
  ["aurora.failover.marketing-s", "aurora.failover.typical-s", "kept", "disagree"],
  ["aurora.failover.dns-visible-s", "aurora.failover.dns-update-s", "kept", "disagree"],
  // Newer but from memory: routes have improved much since 2017, whose figures serve as upper bounds.
  ["net.rtt.measured-2017", "net.rtt.us-east-1.eu-west-1", "kept", "disagree"],
  ["net.rtt.measured-2017", "net.rtt.us-east-1.ap-southeast-1", "kept", "disagree"],
  ["net.rtt.measured-2017", "net.rtt.eu-west-1.ap-southeast-1", "kept", "disagree"],
];

test.each(doubled)("%s is recorded beside %s (%s, they %s)", (other, chosen, fate, opinion) => {
  const fact = factOf(chosen);
  const alternative = fact.alternatives?.find((each) => each.key === other);
  expect(alternative).toBeDefined();
  expect(JSON.stringify(alternative?.value) === JSON.stringify(fact.value)).toBe(
    opinion === "agree",
  );
  if (fate === "kept") expect(factKey(other)).toBe(other);
  else expect(() => factKey(other)).toThrow(expect.objectContaining({ code: "facts.key-merged" }));
});

test("no other fact has alternatives", () => {
  const recorded = allFacts().flatMap((fact) => fact.alternatives ?? []);
  expect(recorded).toHaveLength(doubled.length);
});

test("the chosen reading is never of lower confidence, the 2017 round trips apart", () => {
  const rank = { documented: 2, "vendor-blog": 1, "from-memory": 0 };
  for (const fact of allFacts()) {
    if (fact.key.startsWith("net.rtt.")) continue;
    for (const other of fact.alternatives ?? [])
      expect(rank[fact.confidence], fact.key).toBeGreaterThanOrEqual(rank[other.confidence]);
  }
});
