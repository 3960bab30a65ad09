import {
  channelOf,
  gigabyte,
  hoursOfMonth,
  loadMetersIn,
  type Meter,
  type MeterSource,
} from "../fabric/meter.ts";
import type { EventBridgeSpec } from "./eventbridge-spec.ts";

/**
 * Custom events by the million, as they are put; deliveries to targets of AWS are free. What a rule sends to a bus in another
 * region is put there, and paid for there once more. Events are far below the 64 KB that count as one. Replayed events are paid like
 * others (assumption: AWS's page of prices names none for them); what is archived by its bytes, once and by the month.
 */
export function eventBridgeMeters(source: MeterSource<EventBridgeSpec>): readonly Meter[] {
  const { component, region } = source;
  const taken = channelOf(component, "events taken");
  return [
    loadMetersIn(region)("eventbridge.event", "events taken in", taken),
    ...archiveMeters(source),
  ];
}

/** An event that several archives have is charged once here: the shipped ones have one. */
function archiveMeters({
  component,
  region,
  spec,
  assume,
}: MeterSource<EventBridgeSpec>): readonly Meter[] {
  const { archives = [] } = spec;
  if (archives.length === 0) return [];
  const archived = channelOf(component, "archived");
  const gb = () => (archived() * assume.recordBytes) / gigabyte;
  const days = Math.max(
    ...archives.map(({ retentionDays }) => retentionDays ?? assume.archiveKeptDays),
  );
  const meter = loadMetersIn(region);
  return [
    meter("eventbridge.event", "events replayed", channelOf(component, "replayed")),
    meter("eventbridge.archived", "events archived", gb),
    meter("eventbridge.archive", "archive", () => (gb() * days * 24) / hoursOfMonth),
  ];
}
