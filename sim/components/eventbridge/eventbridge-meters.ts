import { channelOf, type Meter, type MeterSource } from "../fabric/meter.ts";

/**
 * Custom events by the million, as they are put; deliveries to targets of AWS are free. What a rule sends to a bus in another
 * region is put there, and paid for there once more. Events are far below the 64 KB that count as one.
 */
export function eventBridgeMeters({ component, region }: MeterSource): readonly Meter[] {
  return [
    {
      price: "eventbridge.event",
      region,
      what: "events taken in",
      follows: "load",
      read: channelOf(component, "events taken"),
    },
  ];
}
