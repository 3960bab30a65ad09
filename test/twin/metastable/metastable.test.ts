import { describe, expect, test } from "vitest";
import { metastableScenario, run } from "./arms.ts";
import { metastableCases } from "./cases.ts";

/** Seconds that one run of some minutes may take on a busy host. */
const timeoutMs = 120_000;

describe.each(metastableCases)("$id", (each) => {
  const scenario = metastableScenario(each.id);
  const firstFault = scenario.faults[0]?.atSeconds ?? Number.NaN;

  test("undisturbed, the platform serves all that it is asked", { timeout: timeoutMs }, () => {
    const course = run(scenario, { undisturbed: true, durationSeconds: 120 });
    // A platform whose users only come back after a loss is asked little before.
    expect(course.goodShare(20, 120)).toBeGreaterThan(0.99);
  });

  test("it stays down long after what set it off", { timeout: timeoutMs }, () => {
    const course = run(scenario);
    expect(course.goodShare(20, firstFault)).toBeGreaterThan(0.99);
    expect(course.goodShare(...each.down)).toBeLessThan(0.5);
  });

  test("it comes back when less is let in for a while", { timeout: timeoutMs }, () => {
    const course = run(scenario, each.lowered(each.share));
    expect(course.goodShare(...each.recovered)).toBeGreaterThan(0.95);
  });

  test.each(each.defences)(
    "it recovers by itself with $name",
    { timeout: timeoutMs },
    (defence) => {
      const course = run(scenario, defence.arm);
      expect(course.goodShare(defence.goodFrom, scenario.durationSeconds)).toBeGreaterThan(0.95);
    },
  );
});
