import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  COMMAND_RECORD_WORDS,
  CommandDigests,
  encodeAmend,
  encodeCancel,
  encodeEndOfDay,
  encodeKill,
  encodeMassCancel,
  encodePlace,
  encodeSetPhase,
  encodeSetTime,
  JournalWriter,
  MatchingEngine,
  Replica,
  takeVenueSnapshot,
} from "../../sim/engine/index.ts";

/**
 * Bytes and hashes that leave the engine: a journal is read by a later version, a hash is compared between machines. A
 * change here is a change of format, to be made on purpose.
 */
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex").slice(0, 32);

type Encode = (words: Float64Array) => void;

/** Two symbols with every kind of order, a kill switch, a clock, remembered requests and half-used slices. */
const day: readonly Encode[] = [
  (w) => encodePlace(w, 0, 0, 1, 0, 0, 0, 100, 50),
  (w) => encodePlace(w, 0, 0, 2, 1, 0, 0, 105, 30, { account: 7, stp: 3, reqId: 900 }),
  (w) => encodePlace(w, 0, 0, 3, 1, 0, 0, 104, 40, { display: 10, account: 8 }),
  (w) => encodePlace(w, 0, 0, 4, 0, 0, 1, 104, 13),
  (w) => encodePlace(w, 0, 0, 5, 0, 2, 0, 0, 5, { stopPrice: 120, account: 7 }),
  (w) => encodePlace(w, 0, 0, 6, 1, 3, 3, 95, 6, { stopPrice: 96 }),
  (w) => encodePlace(w, 0, 0, 7, 1, 4, 0, 0, 7, { trail: 9, reqId: 2 ** 40 }),
  (w) => encodePlace(w, 0, 0, 8, 0, 0, 4, 99, 8, { expireAt: 1000, postOnly: true }),
  (w) => encodePlace(w, 0, 0, 9, 0, 0, 4, 98, 2 ** 40, { expireAt: 500, allOrNone: true }),
  (w) => encodePlace(w, 0, 1, 10, 0, 0, 0, 50, 5, { minQty: 1 }),
  (w) => encodeSetPhase(w, 0, 1, 1, 55, 901),
  (w) => encodePlace(w, 0, 1, 11, 0, 1, 0, 0, 9, { account: 8 }),
  (w) => encodePlace(w, 0, 1, 12, 1, 0, 3, 60, 4, { minQty: 0 }),
  (w) => encodeAmend(w, 0, 0, 1, Number.NaN, 45, 902),
  (w) => encodeAmend(w, 0, 0, 2, 106, 30),
  (w) => encodeCancel(w, 0, 0, 77, 903),
  (w) => encodeKill(w, 0, 12),
  (w) => encodeSetTime(w, 0, 400, 904),
  (w) => encodeMassCancel(w, 0, 1, 3, 39, 905),
  (w) => encodePlace(w, 0, 0, 13, 0, 0, 0, 101, 5, { account: 12 }),
  (w) => encodeCancel(w, 0, 0, 8),
];

function venue(encodes: readonly Encode[]) {
  const engine = new MatchingEngine({ symbolCount: 2 });
  const journal = new JournalWriter();
  const digests = new CommandDigests();
  const hashes: string[] = [];
  const words = new Float64Array(COMMAND_RECORD_WORDS);
  for (const encode of encodes) {
    encode(words);
    const sequence = engine.executeRecord(words, 0);
    journal.append(words, 0, sequence);
    digests.note(sequence, words, 0, engine.events);
    hashes.push(engine.stateHash());
  }
  return { engine, journal, digests, hashes };
}

test("the state hash of a book is fixed, and every command that changes the state changes it", () => {
  const { engine, hashes } = venue(day);
  expect(engine.stateHash()).toBe("ed13ec7d287b66f3");
  expect(new MatchingEngine({ symbolCount: 1 }).stateHash()).toBe("6b57fb820cba303c");
  // Cancelled at once, unknown, nothing to remove, rejected: the books stay as they were.
  const unchanged = hashes.flatMap((hash, at) => (hash === hashes[at - 1] ? [at] : []));
  expect(unchanged).toEqual([9, 15, 18, 19]);
});

test("the bytes of an engine, of its journal and of a venue's snapshot are fixed", () => {
  const { engine, journal } = venue(day);
  const bytes = new Uint8Array(engine.byteLength());
  engine.write(new DataView(bytes.buffer), 0);
  expect([bytes.length, sha256(bytes)]).toEqual([668, "8c4eec4fbe1b57b84aa040ecbcbaa0f5"]);
  expect([journal.byteLength, sha256(journal.bytes())]).toEqual([
    1256,
    "e37f352f0794dbdf69f914ca6ca82178",
  ]);
  const snapshot = takeVenueSnapshot(engine);
  expect([snapshot.length, sha256(snapshot)]).toEqual([704, "d8e31e2be0b59cc5940e40d11ab840ca"]);
});

test("an engine that ends the day differently has another hash", () => {
  const last = (encode: Encode) => venue([...day, encode]).engine.stateHash();
  const ends = [
    last((w) => encodeEndOfDay(w, 0)),
    last((w) => encodeKill(w, 0, 13)),
    last((w) => encodeKill(w, 0, -1)),
    last((w) => encodeSetTime(w, 0, 401)),
    last((w) => encodeSetPhase(w, 0, 0, 2, 77)),
    last((w) => encodeSetPhase(w, 0, 0, 3)),
    last((w) => encodeAmend(w, 0, 0, 9, Number.NaN, 2 ** 40 - 2 ** 33)),
    last((w) => encodeAmend(w, 0, 0, 3, Number.NaN, 26)),
    last((w) => encodePlace(w, 0, 0, 20, 1, 0, 0, 106, 1)),
    last((w) => encodePlace(w, 0, 0, 20, 1, 0, 0, 106, 1, { account: 1 })),
    last((w) => encodePlace(w, 0, 0, 20, 1, 0, 0, 106, 1, { account: 2 })),
    last((w) => encodePlace(w, 0, 0, 20, 1, 2, 0, 106, 1, { stopPrice: 90 })),
    last((w) => encodePlace(w, 0, 0, 20, 1, 2, 0, 106, 1, { stopPrice: 91 })),
    last((w) => encodePlace(w, 0, 0, 20, 1, 3, 0, 90, 1, { stopPrice: 91 })),
  ];
  expect(new Set(ends).size).toBe(ends.length);
});

describe("digests of commands", () => {
  const replicaOf = (encodes: readonly Encode[], digestsMax?: number) => {
    const replica = new Replica(new MatchingEngine({ symbolCount: 2 }), digestsMax);
    const words = new Float64Array(COMMAND_RECORD_WORDS);
    for (const encode of encodes) {
      encode(words);
      replica.apply(words, 0);
    }
    return replica;
  };
  const checkpointOf = ({ engine, digests }: ReturnType<typeof venue>) => ({
    sequence: engine.sequence,
    stateHash: engine.stateHash(),
    digests,
  });

  test("name the first command that was different, wherever it stands", () => {
    const primary = venue(day);
    for (let at = 0; at < 14; at++) {
      const other = day.with(at, (w) => encodePlace(w, 0, 0, 100 + at, 0, 0, 0, 90, 1));
      expect(replicaOf(other).check(checkpointOf(primary))).toMatchObject({
        atSequence: day.length,
        firstCommand: at + 1,
      });
    }
  });

  test("name the first command that is missing", () => {
    const replica = replicaOf(day.slice(0, 14));
    expect(replica.check(checkpointOf(venue(day)))?.firstCommand).toBe(15);
  });

  test("do not name a command that is older than what they keep", () => {
    const other = day.with(0, (w) => encodePlace(w, 0, 0, 100, 0, 0, 0, 90, 1));
    const found = replicaOf(other, 4).check(checkpointOf(venue(day)));
    expect(found).toMatchObject({ atSequence: day.length });
    expect(found?.firstCommand).not.toBe(1);
  });

  test("are forgotten up to a hash that agreed", () => {
    const replica = replicaOf(day);
    const primary = venue(day);
    expect(replica.check(checkpointOf(primary))).toBeUndefined();
    expect([replica.digests.from, replica.digests.end]).toEqual([day.length + 1, day.length + 1]);
  });
});
