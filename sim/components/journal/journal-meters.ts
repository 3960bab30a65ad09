import { type Meter, type MeterSource, monthsPassed, times } from "../fabric/meter.ts";
import type { JournalSpec } from "./journal-spec.ts";

/**
 * A volume for each copy. The strategy names no journal, so it has no line for one; what it carries between zones is with
 * the data transfer.
 */
export function journalMeters(source: MeterSource<JournalSpec>): readonly Meter[] {
  const { region, spec, assume } = source;
  return [
    {
      price: "ebs.gp3",
      region,
      what: "volumes",
      follows: "time",
      read: times(spec.zones.length * assume.journalVolumeGb, monthsPassed(source)),
    },
  ];
}
