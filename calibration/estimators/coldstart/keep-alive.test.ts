import { expect, test } from "vitest";
import { fitKeepAlive } from "./keep-alive.ts";

test("calls that are cold after seven idle minutes give a keep-alive of about seven minutes", () => {
  const calls = Array.from({ length: 200 }, (_, i) => ({
    idleSeconds: 10 * (i + 1),
    isCold: 10 * (i + 1) > 420,
  }));
  const fit = fitKeepAlive(calls);
  expect(fit).toMatchObject({
    isSeparating: true,
    longestWarmSeconds: 420,
    shortestColdSeconds: 430,
  });
  expect(fit.halfLifeSeconds).toBeGreaterThan(415);
  expect(fit.halfLifeSeconds).toBeLessThan(435);
});

test("calls whose coldness has nothing to do with idle time give none", () => {
  const calls = Array.from({ length: 200 }, (_, i) => ({
    idleSeconds: 10 * (i + 1),
    isCold: i % 2 === 0,
  }));
  expect(fitKeepAlive(calls)).toMatchObject({ halfLifeSeconds: null, isSeparating: false });
});
