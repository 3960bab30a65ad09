import type { MatchingEngine } from "../matching-engine.ts";
import { type JournalScan, JournalWriter, scanJournal } from "./journal.ts";
import { inspectVenueSnapshot, restoreVenueSnapshot } from "./venue-snapshot.ts";

/** What survived the outage. */
export interface RecoverySources {
  /** Snapshots in any order; damaged ones are passed over. */
  readonly snapshots: readonly Uint8Array[];
  readonly journal: Uint8Array;
}

/** How a venue came back. */
export interface Recovery {
  /** Number covered by the snapshot that was used; 0 when there was none and the journal began at the beginning. */
  readonly snapshotSequence: number;
  readonly replayedCount: number;
  /** Number of the last command that the engine has now. */
  readonly lastSequence: number;
  /** Snapshots passed over: index in `snapshots` and what is wrong. */
  readonly damaged: readonly { readonly index: number; readonly problem: string }[];
  /** Why the journal ended before its last byte, or undefined. */
  readonly tornReason: string | undefined;
  /** Set when the journal begins after what the snapshot covers: commands between are lost and nothing was replayed. */
  readonly gap: { readonly afterSequence: number; readonly journalFrom: number } | undefined;
  /** Ready for the next command. Begins a new journal when the old one has nothing to go on from. */
  readonly journal: JournalWriter;
}

/** Fills a new engine from the newest valid snapshot and the whole journal records after it. */
export function recover(engine: MatchingEngine, sources: RecoverySources): Recovery {
  const damaged: { index: number; problem: string }[] = [];
  let newest = -1;
  let snapshotSequence = 0;
  sources.snapshots.forEach((bytes, index) => {
    const found = inspectVenueSnapshot(bytes);
    if ("problem" in found) damaged.push({ index, problem: found.problem });
    else if (newest < 0 || found.sequence > snapshotSequence) {
      newest = index;
      snapshotSequence = found.sequence;
    }
  });
  if (newest >= 0) restoreVenueSnapshot(engine, sources.snapshots[newest]!);
  const { baseSequence } = scanHeader(sources.journal);
  const isGap = baseSequence > snapshotSequence;
  const scan = scanJournal(sources.journal, (sequence, record) => {
    if (!isGap && sequence > snapshotSequence) engine.executeRecord(record, 0);
  });
  return {
    snapshotSequence,
    replayedCount: engine.sequence - snapshotSequence,
    lastSequence: engine.sequence,
    damaged,
    tornReason: scan.tornReason,
    gap: isGap ? { afterSequence: snapshotSequence, journalFrom: baseSequence + 1 } : undefined,
    journal: writerAfter(scan, engine.sequence, isGap),
  };
}

function scanHeader(journal: Uint8Array): JournalScan {
  return scanJournal(journal.subarray(0, 16));
}

/** The journal goes on when it reaches the engine's number; a snapshot that is ahead of it begins a new one. */
function writerAfter(scan: JournalScan, sequence: number, isGap: boolean): JournalWriter {
  const goesOn = !isGap && scan.goodBytes > 0 && scan.lastSequence === sequence;
  return goesOn ? JournalWriter.resume(scan) : new JournalWriter(sequence);
}
