/**
 * Measures the hysteresis of the shipped metastable scenarios: `npm run verify:metastability -- [ids]`. For each, how many
 * times its load the platform carries when nothing sets it off, and to what share it must be cut, once it is down, to
 * come back. Both by halving, so to a sixteenth.
 */
import { type Arm, metastableScenario, run } from "./arms.ts";
import { type MetastableCase, metastableCases } from "./cases.ts";

const halvings = 4;

/** Least share of good outcomes that counts as in service. */
const inService = 0.95;

/** The greatest of [low, high] for which it holds, if it holds at the low end and fails at the high one. */
function greatest(low: number, high: number, holds: (value: number) => boolean): number {
  let from = low;
  let to = high;
  for (let step = 0; step < halvings; step += 1) {
    const middle = (from + to) / 2;
    if (holds(middle)) from = middle;
    else to = middle;
  }
  return from;
}

/** Times the scenario's load that are served for two minutes when nothing happens; searched up to three times. */
function carried({ id }: MetastableCase): number {
  const scenario = metastableScenario(id);
  const holds = (times: number) => {
    const arm: Arm = {
      undisturbed: true,
      durationSeconds: 200,
      ratePerSecond: scenario.workload.ratePerSecond * times,
    };
    return run(scenario, arm).goodShare(140, 200) >= inService;
  };
  return greatest(1, 3, holds);
}

/** Share of the load (or of the gate) from which it comes back while that lasts. */
function returns({ id, lowered }: MetastableCase): number {
  const scenario = metastableScenario(id);
  const holds = (share: number) => {
    const arm = lowered(share);
    const [cut] = arm.faults ?? [];
    if (cut === undefined || !("durationSeconds" in cut)) throw new Error(`${id} cuts nothing`);
    const longest = { ...cut, durationSeconds: 500 };
    const end = cut.atSeconds + 400;
    const course = run(scenario, { faults: [longest], durationSeconds: end });
    return course.goodShare(end - 60, end) >= inService;
  };
  return greatest(0.01, 1, holds);
}

const wanted = process.argv.slice(2);
for (const each of metastableCases) {
  if (wanted.length > 0 && !wanted.includes(each.id)) continue;
  const { ratePerSecond } = metastableScenario(each.id).workload;
  const up = carried(each);
  const down = returns(each);
  const rate = (times: number) => (times * ratePerSecond).toFixed(0);
  console.log(
    `${each.id}: load ${ratePerSecond}/s; carries ${up.toFixed(2)} x (${rate(up)}/s) undisturbed; returns at ${down.toFixed(2)} x (${rate(down)}/s)`,
  );
}
