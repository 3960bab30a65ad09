/** What every component of a topology takes, and the fields that many of them share. */
import * as z from "zod";
import {
  atLeastZero,
  backoff,
  count,
  countFromOne,
  id,
  moreThanZero,
  share,
  text,
  zoneName,
} from "../fields.ts";

const calling = z
  .strictObject({
    backoff: backoff.exactOptional(),
    retryBudget: z
      .strictObject({
        tokens: moreThanZero
          .describe("Tokens at the start, and at most; 500 when left out")
          .exactOptional(),
        retryCost: moreThanZero.describe("Tokens for a retry; 5 when left out").exactOptional(),
        timeoutCost: moreThanZero
          .describe("Tokens for a retry after a time-out; 10 when left out")
          .exactOptional(),
        successReturns: atLeastZero
          .describe("Tokens that a call which succeeds gives back; 1 when left out")
          .exactOptional(),
      })
      .describe("Retries a caller may still make, by component called: AWS SDKs' standard mode")
      .exactOptional(),
    breaker: z
      .strictObject({
        windowSeconds: moreThanZero.describe("Seconds over which calls are counted"),
        failureShare: share.describe("Share of them that must have failed for it to open"),
        callsMin: countFromOne
          .describe("Fewest calls that it judges by; 20 when left out")
          .exactOptional(),
        openSeconds: moreThanZero.describe("Seconds that it stays open before it tries"),
        probes: countFromOne
          .describe("Calls by which it tries, all of which must succeed; 5 when left out")
          .exactOptional(),
      })
      .describe("Circuit breaker of each instance for each component that it calls")
      .exactOptional(),
  })
  .describe(
    "How its instances behave towards others that fail them; every defence off when left out",
  )
  .meta({ id: "Calling" });

const serving = z
  .strictObject({
    order: z
      .enum(["fifo", "lifo"])
      .describe("Who of the waiting is served next; with lifo the oldest makes way in a full line")
      .exactOptional(),
    dropExpired: z
      .boolean()
      .describe("Whether what no caller waits for any more is dropped before service")
      .exactOptional(),
    waitingMax: count.describe("Most that wait in one instance; more are refused").exactOptional(),
    urgentFirst: z
      .boolean()
      .describe("Whether cancels and health checks are not shed and go to the head of the line")
      .exactOptional(),
    adaptiveLimit: z
      .strictObject({
        targetMs: moreThanZero.describe("Milliseconds up to which an answer is quick"),
        least: countFromOne.describe("Least it shrinks to; 1 when left out").exactOptional(),
      })
      .describe("Bound on what is inside an instance that follows the time it takes")
      .exactOptional(),
    contention: z
      .strictObject({
        waits: atLeastZero.describe("Further time for each other request inside").exactOptional(),
        talks: atLeastZero.describe("Further time for each pair of them").exactOptional(),
      })
      .describe("Work takes 1 + waits (n - 1) + talks n (n - 1) times as long with n inside")
      .exactOptional(),
    coldStart: z
      .strictObject({
        factor: z.number().min(1).describe("Times as long for the first request"),
        requests: countFromOne.describe("Requests after which it is as quick as usual"),
      })
      .describe("Slowness of an instance that was launched during the run")
      .exactOptional(),
  })
  .describe(
    "How its instances serve when much is asked of them; first come, first served when left out",
  )
  .meta({ id: "Serving" });

export const base = {
  calling: calling.exactOptional(),
  serving: serving.exactOptional(),
  id: id.describe("Unique in the topology; flows and faults name it"),
  title: text.describe("For people; the id when left out").exactOptional(),
  parameters: z
    .record(z.string(), z.number())
    .describe("Numbers to use instead of the component's own, by parameter name")
    .exactOptional(),
  partitions: z
    .strictObject({
      count: countFromOne,
      by: z.enum(["symbol", "user"]).describe("What decides where a request belongs"),
    })
    .describe("So many components of this kind, each with its part of the symbols or users")
    .exactOptional(),
  inRegions: z
    .array(id)
    .min(1)
    .describe("One such component in each region; its zones are then named without their region")
    .exactOptional(),
  standbyIn: z
    .record(z.string(), z.string())
    .describe(
      "By home region: the region in which a standby of its component stands (ID-REGION-standby)",
    )
    .exactOptional(),
  asStandby: z
    .record(z.string(), z.unknown())
    .describe("Fields of the component that differ in its standbys")
    .exactOptional(),
  perRegion: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .describe("What differs by region: fields of the component, and partitionCount")
    .exactOptional(),
};

export const zones = z.array(zoneName("Zone id")).min(1);

export const hostZones = zones.describe("Zones with hosts of the service");
