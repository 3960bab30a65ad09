import {
  answeredBytes,
  channelOf,
  gigabyte,
  type Meter,
  type MeterSource,
  times,
} from "../fabric/meter.ts";
import type { ApiGatewaySpec } from "./api-gateway-spec.ts";

/**
 * Requests that were not throttled: AWS charges nothing for a 429. Answers go to the internet at the region's price,
 * unless a distribution stands in front, which fetches them for nothing and pays for what goes on to viewers.
 */
export function apiGatewayMeters(source: MeterSource<ApiGatewaySpec>): readonly Meter[] {
  const { fabric, component, region, spec, meanAnswerBytes } = source;
  const arrived = channelOf(component, "arrived");
  const throttled = channelOf(component, "throttled");
  const isBehindEdge = fabric.components.some((each) => each.service === "cloudfront");
  const requests: Meter = {
    price: spec.api === "rest" ? "api-gateway.rest-request" : "api-gateway.http-request",
    region,
    what: spec.api === "rest" ? "REST requests" : "HTTP requests",
    follows: "load",
    perClientRequest: 1,
    read: () => arrived() - throttled(),
  };
  if (isBehindEdge) return [requests];
  return [
    requests,
    {
      price: "net.internet-out",
      region,
      what: "answers to the internet",
      follows: "load",
      perClientRequest: meanAnswerBytes / gigabyte,
      read: times(1 / gigabyte, answeredBytes(source)),
    },
  ];
}
