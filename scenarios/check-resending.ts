/** Runbook steps that send again what was set aside or archived: there must be a dead-letter queue, or an archive of that name. */
import type { ActionSpec } from "../sim/twin/runbooks/runbook-types.ts";
import type { ComponentSpec } from "../sim/twin/topology-types.ts";
import { suggestion } from "./nearest-name.ts";
import type { Finding } from "./schema-mistakes.ts";

type Resending = Extract<ActionSpec, { readonly do: "redrive" | "replay-events" }>;

export function problemOfResending(
  action: Resending,
  target: ComponentSpec,
): Omit<Finding, "path"> | undefined {
  return action.do === "redrive" ? problemOfRedrive(target) : problemOfReplay(action, target);
}

function problemOfRedrive(target: ComponentSpec): Omit<Finding, "path"> | undefined {
  const hasDeadLetters =
    (target.service === "sqs-fifo" && target.deadLetters !== undefined) ||
    (target.service === "eventbridge" &&
      target.rules.some(({ sendTo }) => sendTo.some((each) => each.deadLetterQueue === true)));
  if (hasDeadLetters) return undefined;
  return {
    code: "scenario.no-dead-letter-queue",
    problem: `"${target.id}" (${target.service}) has no dead-letter queue, so there is nothing to redrive`,
    remedy:
      target.service === "eventbridge"
        ? "Give a target of its rules deadLetterQueue: true"
        : "Give a queue deadLetters: { receivesMax }, or leave the step out",
  };
}

function problemOfReplay(
  { archive, rules = [] }: Extract<Resending, { readonly do: "replay-events" }>,
  target: ComponentSpec,
): Omit<Finding, "path"> | undefined {
  // Another service is told of by the schema.
  if (target.service !== "eventbridge") return undefined;
  const archives = (target.archives ?? []).map(({ id }) => id);
  if (!archives.includes(archive)) {
    return {
      code: "scenario.archive-unknown",
      problem: `"${target.id}" has no archive "${archive}"`,
      remedy:
        archives.length === 0
          ? "Give the bus archives: [{ id }]"
          : suggestion(archive, archives, "archive"),
    };
  }
  const known = target.rules.map(({ id }) => id);
  const unknown = rules.find((id) => !known.includes(id));
  if (unknown === undefined) return undefined;
  return {
    code: "scenario.rule-unknown",
    problem: `"${target.id}" has no rule "${unknown}"`,
    remedy: suggestion(unknown, known, "rule"),
  };
}
