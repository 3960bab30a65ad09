import { expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createWaf } from "./waf.ts";

function guardedBed(rateLimitPerFiveMin?: number) {
  return new TestBed({
    factories: [
      {
        id: "waf",
        create: (fabric, index) =>
          createWaf(fabric, index, {
            id: "waf",
            service: "waf",
            ...(rateLimitPerFiveMin === undefined ? {} : { rateLimitPerFiveMin }),
          }),
      },
      plainService({ id: "api", zones: ["a"] }),
    ],
    flows: [{ name: "ask", call: { to: "waf", calls: [{ to: "api" }] } }],
  });
}

/** Sends for one user at a rate and says how many were blocked. */
function flood(bed: TestBed, options: { user: number; perSecond: number; seconds: number }) {
  const before = bed.answers.length;
  for (let each = 0; each < options.perSecond * options.seconds; each += 1) {
    bed.send("ask", bed.request({ user: options.user }));
    bed.runSeconds(1 / options.perSecond);
  }
  return bed.answers.slice(before).filter((each) => each.result === outcome.blocked).length;
}

test("a flood passes until the next look, up to 30 s, and is blocked from then on", () => {
  const bed = guardedBed(1000);
  expect(flood(bed, { user: 7, perSecond: 50, seconds: 29 })).toBe(0);
  expect(flood(bed, { user: 7, perSecond: 50, seconds: 20 })).toBeGreaterThan(850);
  expect(bed.events("waf.rate-exceeded").length).toBe(1);
});

test("others are not blocked with it", () => {
  const bed = guardedBed(1000);
  flood(bed, { user: 7, perSecond: 50, seconds: 40 });
  expect(flood(bed, { user: 8, perSecond: 2, seconds: 5 })).toBe(0);
});

test("exactly the limit within five minutes passes, one more does not", () => {
  const blockedAfter = (count: number) => {
    const bed = guardedBed(100);
    for (let each = 0; each < count; each += 1) bed.send("ask", bed.request({ user: 1 }));
    bed.runSeconds(31);
    return flood(bed, { user: 1, perSecond: 1, seconds: 1 });
  };
  expect(blockedAfter(100)).toBe(0);
  expect(blockedAfter(101)).toBe(1);
});

test("the block ends when the window has passed", () => {
  const bed = guardedBed(1000);
  flood(bed, { user: 7, perSecond: 50, seconds: 40 });
  bed.runSeconds(240);
  expect(flood(bed, { user: 7, perSecond: 1, seconds: 1 })).toBe(1);
  bed.runSeconds(80);
  expect(flood(bed, { user: 7, perSecond: 1, seconds: 1 })).toBe(0);
  expect(bed.events("waf.blocks-lifted").length).toBe(1);
});

test("without a rate rule nothing is blocked", () => {
  const bed = guardedBed();
  expect(flood(bed, { user: 7, perSecond: 100, seconds: 60 })).toBe(0);
});

test("a limit below what AWS allows is a mistake", () => {
  expect(() => guardedBed(9)).toThrow("waf.rate-limit-out-of-range");
});
