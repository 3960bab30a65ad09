import { expect, test } from "vitest";
import type { ComponentSpec } from "../sim/twin/topology-types.ts";
import { problemOfResending } from "./check-resending.ts";

const queue: ComponentSpec = { service: "sqs-fifo", id: "orders", zones: ["a"] };
const bus: ComponentSpec = {
  service: "eventbridge",
  id: "bus",
  zones: ["a"],
  rules: [{ id: "record", sendTo: [{ call: "record" }] }],
};
const redrive = { do: "redrive", component: "any" } as const;
const replay = {
  do: "replay-events",
  component: "bus",
  archive: "trades",
  lookBackSeconds: 60,
} as const;

test("what has no dead-letter queue has nothing to redrive", () => {
  expect(problemOfResending(redrive, queue)?.code).toBe("scenario.no-dead-letter-queue");
  expect(problemOfResending(redrive, bus)?.code).toBe("scenario.no-dead-letter-queue");
  expect(problemOfResending(redrive, { ...queue, deadLetters: { receivesMax: 3 } })).toBe(
    undefined,
  );
  const rules = [{ id: "record", sendTo: [{ call: "record", deadLetterQueue: true }] }];
  expect(problemOfResending(redrive, { ...bus, rules })).toBe(undefined);
});

test("a replay names an archive of the bus, and rules of it", () => {
  expect(problemOfResending(replay, bus)).toMatchObject({
    code: "scenario.archive-unknown",
    remedy: "Give the bus archives: [{ id }]",
  });
  const archiving: ComponentSpec = { ...bus, archives: [{ id: "trades" }] };
  expect(problemOfResending({ ...replay, archive: "trade" }, archiving)?.remedy).toContain(
    "trades",
  );
  expect(problemOfResending(replay, archiving)).toBe(undefined);
  expect(problemOfResending({ ...replay, rules: ["recrod"] }, archiving)).toMatchObject({
    code: "scenario.rule-unknown",
    problem: '"bus" has no rule "recrod"',
  });
});
