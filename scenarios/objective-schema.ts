/** Bounds that a run must meet; a type test holds them equal to `sim/twin/results/objective-types.ts`. */
import * as z from "zod";
import { atLeastZero, componentName, count, id, moreThanZero, share, text } from "./fields.ts";
import { businessFunction } from "./topology-schema.ts";

const objectiveId = id.describe("Unique in the scenario");

const over = z
  .strictObject({
    seeds: z.int().min(2).max(10_000).describe("Fewest seeds it may be judged over"),
    percentile: z
      .number()
      .gt(0)
      .lt(100)
      .describe("Which percentile of what the runs measure must keep the bound"),
  })
  .describe("Judged over many seeds, by drill --seeds; every run by itself when left out")
  .exactOptional();

const availability = z
  .number()
  .gt(0)
  .lt(1)
  .describe("Share of a period's outcomes that are to be good: 0.999");

export const objectiveSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("service").describe("What in service means, judged every second over ten"),
    id: objectiveId,
    function: businessFunction,
    goodShareMin: share.describe("Least share of good outcomes in a window, 0..1"),
    latencyMsMax: moreThanZero.describe("Milliseconds within which an outcome is good"),
    holdSeconds: atLeastZero.describe("Seconds it must keep holding to count as restored"),
  }),
  z.strictObject({
    kind: z.literal("rto").describe("Longest outage of a function after a fault"),
    id: objectiveId,
    function: businessFunction,
    secondsMax: atLeastZero,
    sinceRunbook: text
      .describe("Only outages from the beginning of this runbook on")
      .exactOptional(),
    over,
  }),
  z.strictObject({
    kind: z
      .literal("rpo")
      .describe("Most accepted commands and trades lost, doubled, reordered or stranded"),
    id: objectiveId,
    lostMax: count,
    over,
  }),
  z.strictObject({
    kind: z
      .literal("rpo-age")
      .describe(
        "Data loss in time: from the acceptance of the oldest command lost to the first fault",
      ),
    id: objectiveId,
    secondsMax: atLeastZero.describe("Seconds"),
  }),
  z.strictObject({
    kind: z.literal("measure").describe("A bound on what is recorded of components in a span"),
    id: objectiveId,
    title: text.describe("What is bounded, for reports"),
    channels: z
      .array(
        z.strictObject({
          component: componentName("Left out for channels of the whole run").exactOptional(),
          channel: text.describe("As recorded: `tasks-running`"),
          minus: z.boolean().describe("Taken away from the sum").exactOptional(),
        }),
      )
      .min(1)
      .max(16)
      .describe("Their values are added up"),
    take: z
      .enum(["end", "largest", "growth", "rise", "rate"])
      .describe(
        "As it stands at the end of the span, the largest in it, the growth over it, the largest above its beginning, or the growth a second",
      ),
    fromSeconds: atLeastZero.describe(
      "Seconds after the first fault, or after the warm-up of a run without one",
    ),
    toSeconds: moreThanZero.describe("As fromSeconds, and later"),
    atLeast: z
      .number()
      .describe("Least that is allowed; one of the two bounds is given")
      .exactOptional(),
    atMost: z.number().describe("Most that is allowed").exactOptional(),
  }),
  z.strictObject({
    kind: z
      .literal("error-budget")
      .describe("Most of a function's error budget that the run may spend"),
    id: objectiveId,
    function: businessFunction,
    availability,
    periodDays: moreThanZero
      .describe("Days that the budget is for; 30 when left out")
      .exactOptional(),
    spentShareMax: atLeastZero.describe("Share of the budget; 1 is all of it"),
  }),
  z.strictObject({
    kind: z
      .literal("burn-rate")
      .describe("Highest rate at which a function may spend its error budget; 1 spends it evenly"),
    id: objectiveId,
    function: businessFunction,
    availability,
    longSeconds: moreThanZero.describe("The window that shows that it matters"),
    shortSeconds: moreThanZero.describe("The window that shows that it goes on"),
    rateMax: moreThanZero.describe("Times as fast as evenly over the period"),
  }),
  z.strictObject({
    kind: z.literal("cost").describe("Most that an hour of the run, or a month like it, may cost"),
    id: objectiveId,
    per: z.enum(["hour", "month"]),
    usdMax: moreThanZero.describe("US dollars"),
    monthFactor: moreThanZero
      .describe(
        "Mean load of the month over the load of the run; 1 when left out: it lasts day and night",
      )
      .exactOptional(),
  }),
  z.strictObject({
    kind: z
      .literal("invariants")
      .describe("The ledger's invariants hold; every scenario has this one"),
    id: objectiveId,
  }),
]);
