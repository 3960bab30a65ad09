import {
  answeredBytes,
  channelOf,
  gigabyte,
  type Meter,
  type MeterSource,
  times,
} from "../fabric/meter.ts";

/** Requests, what goes out to viewers, and the bodies that go to the origin. */
export function cloudFrontMeters(source: MeterSource): readonly Meter[] {
  const { component, region, assume, meanAnswerBytes } = source;
  const arrived = channelOf(component, "arrived");
  const hits = channelOf(component, "cache-hits");
  return [
    {
      price: "cloudfront.https-request",
      region,
      what: "requests at the edge",
      follows: "load",
      read: arrived,
    },
    {
      price: "cloudfront.egress",
      region,
      what: "answers to the internet",
      follows: "load",
      perClientRequest: meanAnswerBytes / gigabyte,
      read: times(1 / gigabyte, answeredBytes(source)),
    },
    {
      price: "cloudfront.to-origin",
      region,
      what: "requests to the origin",
      follows: "load",
      read: () => ((arrived() - hits()) * assume.requestBytes) / gigabyte,
    },
  ];
}
