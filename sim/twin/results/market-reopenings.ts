import type { LogEntry } from "../../components/fabric/event-log.ts";
import type { MarketReopening } from "../results-types.ts";
import { causesOf } from "./rto-parts.ts";

type Clock = Exclude<keyof MarketReopening, "faultUs">;

/** Clock that an entry of the log stops. */
const clockOfKind: Readonly<Record<string, Clock>> = {
  "matching.market-halted": "haltedSeconds",
  "matching.market-cancel-only": "cancelOnlySeconds",
  "matching.market-auction": "auctionSeconds",
  "matching.market-continuous": "continuousSeconds",
};

const unreached = {
  haltedSeconds: null,
  cancelOnlySeconds: null,
  auctionSeconds: null,
  continuousSeconds: null,
} as const;

/**
 * When the market reached each of its states after an outage of its engine: one entry for each time that an owner
 * recovered the books because of a fault, its clocks counted from that fault. Where people lead the market, its states
 * follow from their steps and not from the recovery itself; they are those of the owner's last recovery.
 */
export function marketReopenings(entries: readonly LogEntry[]): readonly MarketReopening[] {
  const found: MarketReopening[] = [];
  /** Place in `found` by the entry that says that the books are back. */
  const placeOf = new Map<number, number>();
  /** Place in `found` of the last recovery, by the owner's component. */
  const lastOf = new Map<number, number>();
  for (const entry of entries) {
    const isRecovery = entry.kind === "matching.books-recovered";
    const clock = clockOfKind[entry.kind];
    if (!isRecovery && clock === undefined) continue;
    const chain = causesOf(entry, entries);
    const fault = chain[0];
    // The first owner of a run opens the market, it does not reopen it.
    if (fault?.stage !== "fault") continue;
    if (isRecovery) {
      placeOf.set(entry.seq, found.length);
      lastOf.set(entry.component, found.length);
      found.push({ faultUs: fault.atUs, ...unreached });
    }
    const recovery = chain.findLast(({ kind }) => kind === "matching.books-recovered");
    const at = recovery === undefined ? lastOf.get(entry.component) : placeOf.get(recovery.seq);
    if (clock === undefined || at === undefined) continue;
    // Once a market is open again, what people lead it into later is another story.
    if (found[at]!.continuousSeconds !== null) continue;
    const seconds = (entry.atUs - fault.atUs) / 1_000_000;
    found[at] = { ...found[at]!, [clock]: seconds };
  }
  return found;
}
