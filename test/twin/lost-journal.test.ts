import { expect, test } from "vitest";
import { none } from "../../sim/kernel/none.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

test("what a lost journal held is lost at once, not only when an owner has gone on without it", () => {
  const simulation = assemble(
    smallScenario({
      durationSeconds: 45,
      ratePerSecond: 60,
      componentOverrides: {
        journal: { zones: ["us-east-1a"], survivesPowerLoss: false },
        matching: { zones: ["us-east-1b"], snapshotIntervalSeconds: 15 },
      },
      faults: [
        {
          id: "flicker",
          kind: "zone-power-loss",
          zone: "us-east-1a",
          atSeconds: 40,
          durationSeconds: 2,
        },
        { id: "kill", kind: "instance-kill", component: "matching", atSeconds: 40 },
      ],
    }),
    "lost",
  );

  const { results } = finish(simulation);

  const { ledger, parts, fabric } = simulation;
  const { journal, queue, matching } = parts[0]!;
  expect(journal.wasLost).toBe(true);
  const snapshotEnd = matching.historyLostFrom;
  expect(snapshotEnd).toBeGreaterThan(0);
  const waiting = new Set<number>();
  queue.forEachRequest((request) => waiting.add(request));
  const lost = Array.from({ length: fabric.requests.count }, (_, request) => request).filter(
    (request) =>
      ledger.isAccepted(request) &&
      ledger.column.position[request] !== none &&
      ledger.column.position[request]! >= snapshotEnd &&
      !waiting.has(request),
  );
  expect(lost.length).toBeGreaterThan(100);
  expect(results.rpo.find(({ declared }) => declared)!.lostCount).toBe(lost.length);
  expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
});
