/** Who sends what, when; a type test holds it equal to `sim/twin/clients/workload-types.ts`. */
import * as z from "zod";
import { atLeastZero, backoff, countFromOne, moreThanZero, retriesMax, share } from "./fields.ts";
import { requestName } from "./topology-schema.ts";

const clientSchema = z
  .strictObject({
    retriesMax: retriesMax.describe(
      "Further attempts after a failed one, with the same client order id",
    ),
    backoffMs: atLeastZero.describe(
      "Milliseconds before the first retry; doubles with each, full jitter",
    ),
    backoff: backoff.exactOptional(),
    retryBudget: z
      .strictObject({
        perRequest: atLeastZero.describe("Retries for each request that the user makes"),
        savedMax: moreThanZero
          .describe("Most that may be saved up, and there is at the start; 1 when left out")
          .exactOptional(),
      })
      .describe("Retries that a user's program allows itself; all when left out")
      .exactOptional(),
    connection: z
      .strictObject({
        reconnectMs: atLeastZero.describe(
          "Milliseconds from the loss to the first log-in; doubles with each that fails",
        ),
        backoff: backoff.exactOptional(),
      })
      .describe(
        "Users keep a connection open and log in anew when they lose it; none when left out",
      )
      .exactOptional(),
    reconciliation: z
      .strictObject({
        askAfterSeconds: moreThanZero.describe(
          "Seconds from giving up to the query; as long at most on top, by chance",
        ),
        asksMax: z.int().min(1).max(200).describe("Most queries about one command"),
      })
      .describe(
        "Users ask what became of commands that they gave up on, and send again what is not there; they don't when left out",
      )
      .exactOptional(),
    executionReports: z
      .strictObject({
        heartbeatSeconds: moreThanZero.describe(
          "Seconds between heartbeats of a session, which show a gap when nothing else comes; FIX sessions agree on 30",
        ),
        bufferMs: atLeastZero.describe(
          "Milliseconds for which reports wait in the engine's memory until they leave together",
        ),
        resendReportsMax: countFromOne.describe(
          "Most reports in one resend; who lacks more asks again",
        ),
        askAgainSeconds: moreThanZero.describe(
          "Seconds until a failed request for a resend is made again; as long at most on top, by chance",
        ),
      })
      .describe(
        "The venue numbers its execution reports, and users ask for those that they miss; there are none when left out",
      )
      .exactOptional(),
  })
  .describe("How a client behaves when answers are late or bad");

export const workloadSchema = z
  .strictObject({
    ratePerSecond: moreThanZero
      .max(1_000_000)
      .describe("Requests per second that clients mean to send, retries not counted"),
    mix: z
      .partialRecord(requestName, share)
      .describe("Shares of the kinds of request; they sum to 1"),
    // Every user and every symbol has rows of its own, and a symbol has books: more would not fit into memory.
    userCount: countFromOne.max(10_000_000),
    symbolCount: countFromOne.max(100_000),
    symbolSkew: atLeastZero
      .default(0)
      .describe("Exponent of the Zipf law of symbol popularity; 0 is even"),
    selfExcitation: z
      .number()
      .min(0)
      .max(0.95)
      .default(0)
      .describe("Share of the load that follows from earlier load, 0..0.95; 0 is Poisson"),
    excitationDecaySeconds: moreThanZero
      .default(1)
      .describe("Seconds over which that excitement fades"),
    // Three attempts, as SDKs make by default.
    client: clientSchema.default({ retriesMax: 2, backoffMs: 500 }),
  })
  .describe("Who sends what, when");
