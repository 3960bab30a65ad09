import { callsOf, channelOf, type Meter, type MeterSource } from "../fabric/meter.ts";

/**
 * API calls: sends (a batch is one), receives, deletes. A long poll that comes back empty is a call like another.
 * Messages are far below the 64 KB that one call carries.
 */
export function sqsFifoMeters(source: MeterSource): readonly Meter[] {
  const sends = channelOf(source.component, "send calls");
  const receives = callsOf(source, "receive");
  const deletes = callsOf(source, "delete");
  return [
    {
      price: "sqs.fifo-request",
      region: source.region,
      what: "sends, receives, deletes",
      follows: "load",
      read: () => sends() + receives() + deletes(),
    },
  ];
}
