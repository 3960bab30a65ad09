/** Components between the clients and the services. */
import * as z from "zod";
import { atLeastZero, componentName, moreThanZero, share, text } from "../fields.ts";
import { base, zones } from "./base-fields.ts";

export const apiGateway = z.strictObject({
  service: z.literal("api-gateway").describe("The managed API front end of a region"),
  ...base,
  api: z.enum(["rest", "http"]).describe("REST and HTTP APIs differ in added latency and price"),
  zones: zones.describe("Zones in which the service has hosts: those of the region"),
  ratePerSecond: moreThanZero
    .describe("A throttle of this API's own; the account's when left out")
    .exactOptional(),
  burst: moreThanZero
    .describe("Requests at once with ratePerSecond; the account's in proportion when left out")
    .exactOptional(),
});

export const cloudFront = z.strictObject({
  service: z
    .literal("cloudfront")
    .describe("The content delivery network in front of the platform"),
  ...base,
  cacheTtlMs: atLeastZero
    .describe(
      "Milliseconds for which an answer to a book query is reused; never when 0 or left out",
    )
    .exactOptional(),
});

const checksInARow = z.int().min(2).max(10);

export const loadBalancer = z.strictObject({
  service: z.literal("load-balancer").describe("A load balancer with one node in each zone"),
  ...base,
  type: z
    .enum(["application", "network"])
    .describe(
      "application passes on requests, network connections, and each node to its own zone; application when left out",
    )
    .exactOptional(),
  zones: zones.describe("Zones with a node each"),
  targets: z
    .array(componentName("Id of an ecs-fargate service", "ecs-fargate"))
    .min(1)
    .describe("Services behind it"),
  algorithm: z
    .enum(["round-robin", "least-outstanding-requests"])
    .describe("Application: how a node chooses among healthy targets; round-robin when left out")
    .exactOptional(),
  slowStartSeconds: z
    .number()
    .min(30)
    .max(900)
    .describe(
      "Application: seconds until a target that became healthy gets its full share (round robin only)",
    )
    .exactOptional(),
  failOpenBelowShare: share
    .describe("All targets are used once less than this share is healthy; none when left out")
    .exactOptional(),
  healthCheck: z
    .strictObject({
      intervalSeconds: z.number().min(5).max(300).exactOptional(),
      timeoutSeconds: z.number().min(2).max(120).describe("Less than the interval").exactOptional(),
      unhealthyThreshold: checksInARow.describe("Failed checks in a row").exactOptional(),
      healthyThreshold: checksInARow.describe("Good checks in a row").exactOptional(),
    })
    .describe("Every 30 s, 5 s time-out (network: 10 s), 2 to fail, 5 to return when left out")
    .exactOptional(),
  deregistrationDelaySeconds: z
    .number()
    .min(0)
    .max(3600)
    .describe("Seconds that a target which leaves may take to finish; 300 when left out")
    .exactOptional(),
  crossZone: z
    .boolean()
    .describe("Network: whether a node also uses targets of other zones; not when left out")
    .exactOptional(),
  terminateUnhealthyConnections: z
    .boolean()
    .describe(
      "Network: whether connections to an unhealthy target are broken; they are when left out",
    )
    .exactOptional(),
  idleTimeoutSeconds: z
    .number()
    .min(60)
    .max(6000)
    .describe(
      "Network: seconds of silence after which a connection is known no more; 350 when left out",
    )
    .exactOptional(),
});

export const route53 = z.strictObject({
  service: z
    .literal("route53")
    .describe("The public DNS zone of the platform, with the clients' resolvers"),
  ...base,
  ttlSeconds: atLeastZero
    .describe("Seconds a client may keep an answer; 60 when left out")
    .exactOptional(),
  records: z
    .array(
      z.strictObject({
        name: text.describe("Such as api.example.com"),
        endpoints: z
          .array(componentName("Component id"))
          .min(1)
          .describe("Components that answer under the name: the first healthy one, in this order"),
        healthCheckIntervalSeconds: z
          .union([z.literal(10), z.literal(30)])
          .describe("How often endpoints are probed; not health-checked when left out")
          .exactOptional(),
      }),
    )
    .min(1),
});

export const waf = z.strictObject({
  service: z
    .literal("waf")
    .describe("The web application firewall, with at most one rate-based rule"),
  ...base,
  rateLimitPerFiveMin: z
    .int()
    .min(10)
    .describe("Most requests of one address within five minutes; no rule when left out")
    .exactOptional(),
});
