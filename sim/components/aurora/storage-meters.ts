import type { PriceKey } from "../../facts/prices/price-catalogue.ts";
import {
  channelOf,
  gigabyte,
  loadMetersIn,
  type Meter,
  type MeterSource,
  monthsOf,
  monthsPassed,
} from "../fabric/meter.ts";

/** What a GB of a database's storage costs for a month. */
export interface StoragePrices {
  /** Of what stands when the run begins. */
  readonly standing: PriceKey;
  /** Of what the run writes. */
  readonly written: PriceKey;
}

/**
 * Storage and backups of a database. Each row written is charged with the days that it will be kept, and with the days of
 * backup that hold it: the bill of the steady state, in which as much is dropped as comes.
 */
export function storageMeters(source: MeterSource, prices: StoragePrices): readonly Meter[] {
  const { component, region, assume } = source;
  const months = monthsPassed(source);
  const rows = channelOf(component, "rows written");
  const meter = loadMetersIn(region);
  return [
    {
      price: prices.standing,
      region,
      what: "storage of what stands",
      follows: "time",
      read: () => assume.databaseBaseGb * months(),
    },
    meter(
      prices.written,
      "storage of what is written",
      () => ((rows() * assume.databaseRowBytes) / gigabyte) * monthsOf(assume.databaseKeptDays),
    ),
    meter(
      "aurora.backup",
      "backup beyond the first day",
      () =>
        ((rows() * assume.redoBytesPerRow) / gigabyte) *
        monthsOf(Math.max(0, assume.backupKeptDays - 1)),
    ),
  ];
}
