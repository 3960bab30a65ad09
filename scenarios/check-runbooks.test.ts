import { expect, test } from "vitest";
import { sampleScenarioText, sampleTopologyText } from "./sample-texts.ts";
import { requireValid, validateScenarioText, validateTopologyText } from "./validate-text.ts";

const topology = requireValid(validateTopologyText(sampleTopologyText, "small.yaml"), "small.yaml");

const people = `roles:
  - { id: on-call, paging: { medianSeconds: 60 } }
runbooks:
  - id: restart
    onCall: on-call
    detection:
      - { source: probe, function: order-entry, everySeconds: 5, failuresInARow: 3 }
    diagnosis: { medianSeconds: 60, p95Seconds: 120 }
    decision: { medianSeconds: 10 }
    steps:
      - id: again
        action: { do: restart, component: matching }
        execution: { medianSeconds: 5 }
`;

/** Codes of the mistakes in the sample scenario with these people. */
function mistakesOf(text: string): readonly string[] {
  const scenario = sampleScenarioText.replace("objectives:\n", `${text}objectives:\n`);
  const validated = validateScenarioText(scenario, "power.yaml", { loadTopology: () => topology });
  return validated.ok ? [] : validated.mistakes.map(({ code }) => code);
}

test("a runbook whose names all lead somewhere is sound", () => {
  expect(mistakesOf(people)).toEqual([]);
});

test.each([
  ["a role that nobody has", "onCall: on-call", "onCall: manager", "scenario.role-unknown"],
  [
    "a component that is not there",
    "component: matching",
    "component: machine",
    "scenario.component-unknown",
  ],
  [
    "an action that its component does not understand",
    "component: matching",
    "component: api",
    "scenario.action-not-understood",
  ],
  [
    "an alarm that the topology lacks",
    "source: probe, function: order-entry, everySeconds: 5, failuresInARow: 3",
    "source: alarm, alarm: loud",
    "scenario.alarm-unknown",
  ],
  [
    "a function that nothing defines",
    "function: order-entry",
    "function: log-in",
    "scenario.detection-without-service",
  ],
  ["an action of the wrong service", "do: restart", "do: promote-reader", "scenario.service-wrong"],
])("%s is a mistake", (_, sound, wrong, code) => {
  expect(mistakesOf(people.replace(sound, wrong))).toContain(code);
});

test("two steps of one name are a mistake", () => {
  const step = people.slice(people.indexOf("      - id: again"));
  expect(mistakesOf(people + step)).toContain("scenario.id-twice");
});
