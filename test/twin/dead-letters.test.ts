import { describe, expect, test } from "vitest";
import type { RunbookSpec } from "../../sim/twin/runbooks/runbook-types.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

/**
 * The engine's task dies; what it had received, or what its open polls are handed after its death, may be received only once, and so goes
 * to the dead-letter queue, though its clients were told that it is accepted.
 */
function drill({ retentionSeconds = 3600, redrive = false, atSeconds = 60 } = {}): Scenario {
  const scenario = smallScenario({
    durationSeconds: 300,
    ratePerSecond: 40,
    faults: [{ id: "dies", kind: "instance-kill", component: "matching", atSeconds }],
    componentOverrides: {
      "order-queue": { deadLetters: { receivesMax: 1, retentionSeconds } },
    },
  });
  const people: RunbookSpec = {
    id: "dead-letters",
    onCall: "on-call",
    detection: [{ source: "alarm", alarm: "set-aside" }],
    diagnosis: { medianSeconds: 5 },
    decision: { medianSeconds: 5 },
    steps: [
      {
        id: "redrive",
        action: { do: "redrive", component: "order-queue", messagesPerSecond: 10 },
        execution: { medianSeconds: 5 },
      },
    ],
  };
  const overrides = scenario.componentOverrides ?? {};
  return {
    ...scenario,
    roles: [{ id: "on-call", paging: { medianSeconds: 10 } }],
    runbooks: redrive ? [people] : [],
    componentOverrides: {
      ...overrides,
      observability: {
        alarms: [
          {
            id: "set-aside",
            component: "order-queue",
            metric: "DeadLetterQueue/ApproximateNumberOfMessagesVisible",
            comparison: ">",
            threshold: 0,
            periods: 1,
            datapointsToAlarm: 1,
          },
        ],
      },
    },
  };
}

function ended(options: Parameters<typeof drill>[0]) {
  const simulation = assemble(drill(options), "dead-letters");
  const { results, entries } = finish(simulation);
  const declared = results.rpo.find((each) => each.declared)!;
  const channel = (name: string) =>
    simulation.fabric
      .component("order-queue")
      .channels()
      .find((each) => each.name === name)!
      .read();
  return { results, declared, entries, channel };
}

describe("Orders that a queue has set aside", { timeout: 120_000 }, () => {
  test("are stranded while nobody sees to them", () => {
    const { results, declared, channel } = ended({});
    const dead = channel("in the dead-letter queue");
    expect(dead).toBeGreaterThan(0);
    expect([declared.strandedCount, declared.lostCount]).toEqual([dead, 0]);
    expect(new Set(results.differences.map(({ lastPlace }) => lastPlace))).toEqual(
      new Set(["dead-letter queue"]),
    );
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  });

  test("are late and not lost when people redrive them", () => {
    const { results, declared, channel, entries } = ended({ redrive: true });
    expect(channel("redriven")).toBeGreaterThan(0);
    expect([declared.strandedCount, declared.lostCount, declared.doubledCount]).toEqual([0, 0, 0]);
    expect(results.differences).toEqual([]);
    expect(results.books.equal).toBe(true);
    expect(entries.map(({ kind }) => kind)).toContain("runbook.dead-letters.redrive.effective");
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  });

  test("are lost once their retention has passed", () => {
    const { declared, channel } = ended({ retentionSeconds: 60 });
    expect(channel("in the dead-letter queue")).toBe(0);
    expect(channel("expired in the dead-letter queue")).toBeGreaterThan(0);
    expect([declared.strandedCount, declared.lostCount]).toEqual([
      0,
      channel("expired in the dead-letter queue"),
    ]);
  });

  test("come back in a run that goes on from a snapshot in the middle of the redrive as they would have", () => {
    const scenario = drill({ redrive: true });
    const whole = assemble(scenario, "dead-letters");
    const dead = () => {
      const queue = whole.fabric.component("order-queue") as unknown as { isRedriving: boolean };
      return queue.isRedriving;
    };
    while (!dead()) whole.kernel.runUntil(whole.kernel.nowUs + 100_000);
    const again = assemble(scenario, "dead-letters");
    again.kernel.restore(whole.kernel.snapshot(), { random: "same" });
    expect(finish(again).digest).toBe(finish(whole).digest);
  });
});
