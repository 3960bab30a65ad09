import { expect, test } from "vitest";
import { unitUs } from "./effort.ts";
import { type CustomerClass, type QueueModel, simulateQueue } from "./queue-model.ts";
import { theoryCases } from "./theory-cases.ts";
import { compare } from "./theory-table.ts";

// `npm run verify:theory` does the same with far more customers; chance alone fails one line in 16,000.
test.each(theoryCases)("$name is as theory says", (theory) => {
  const { expected, measured, z } = compare(theory, 4000);
  expect(Math.abs(z), `${measured} for ${expected}`).toBeLessThan(4);
});

const customers: CustomerClass = {
  arrivals: { kind: "poisson", ratePerSecond: 0.8 },
  service: { kind: "gamma", shape: 0.5, scale: 2 * unitUs },
};

test.each<[string, QueueModel]>([
  ["first come", { classes: [customers] }],
  ["last come", { classes: [customers], facility: { discipline: "lcfs" } }],
  [
    "last come, pre-emptive",
    { classes: [customers], facility: { discipline: "lcfs", preemptive: true } },
  ],
  ["random", { classes: [customers], facility: { discipline: "random" } }],
  ["shortest first", { classes: [customers], facility: { discipline: "sjf" } }],
  ["shortest remaining first", { classes: [customers], facility: { discipline: "srpt" } }],
  [
    "priority with restarts",
    {
      classes: [{ ...customers, use: { priority: 1 } }, customers],
      facility: { discipline: "priority", preemptive: true, interrupted: "restart", servers: 2 },
    },
  ],
  ["shared", { classes: [customers], shared: { servers: 2 } }],
])("Little's law holds exactly: %s", (_, model) => {
  const result = simulateQueue(model, { seed: "1", customers: 5000, toTheEnd: true });
  expect(result.servedCount).toBe(5000);
  expect(result.little).toBeCloseTo(1, 9);
});

test("D/D/1 never waits at full load, and at load 1.25 each waits a fifth of a service longer", () => {
  for (const [gap, wait] of [
    [1, 0],
    [0.8, (999 * 0.2) / 2],
  ] as const) {
    const gapUs = { kind: "deterministic", value: gap * unitUs } as const;
    const service = { kind: "deterministic", value: unitUs } as const;
    const model = { classes: [{ arrivals: { kind: "renewal", gapUs } as const, service }] };
    const result = simulateQueue(model, { seed: "1", customers: 1000, toTheEnd: true });
    expect(result.wait).toBeCloseTo(wait, 9);
  }
});
