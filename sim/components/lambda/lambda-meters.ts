import { channelOf, type Meter, type MeterSource } from "../fabric/meter.ts";

/** Invocations, and memory for as long as each lasts: its calls included, and its cold start. */
export function lambdaMeters({ component, region }: MeterSource): readonly Meter[] {
  return [
    {
      price: "lambda.request",
      region,
      what: "invocations",
      follows: "load",
      read: channelOf(component, "invocations"),
    },
    {
      price: "lambda.gb-second",
      region,
      what: "compute",
      follows: "load",
      read: channelOf(component, "compute"),
    },
  ];
}
