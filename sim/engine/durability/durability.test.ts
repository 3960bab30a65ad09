import { describe, expect, test } from "vitest";
import { COMMAND_RECORD_WORDS, encodeAmend, encodeCancel, encodePlace } from "../commands.ts";
import { MatchingEngine } from "../matching-engine.ts";
import { JournalWriter, scanJournal } from "./journal.ts";
import { recover } from "./recovery.ts";
import { CommandDigests, Replica } from "./replication.ts";
import { inspectVenueSnapshot, takeVenueSnapshot } from "./venue-snapshot.ts";

/** Records that place, trade, amend and cancel; some have every field, and some a quantity beyond 32 bits. */
function someRecords(count: number): Float64Array[] {
  return Array.from({ length: count }, (_, at) => {
    const words = new Float64Array(COMMAND_RECORD_WORDS);
    const side = at % 2 === 0 ? 0 : 1;
    if (at % 5 === 3) encodeCancel(words, 0, 0, at - 2, at);
    else if (at % 5 === 4) encodeAmend(words, 0, 0, at - 4, 100 + (at % 3), 7);
    else if (at % 6 === 1) encodePlace(words, 0, 0, at, side, 0, 0, 100 - side, 2 ** 40 + at);
    else if (at % 7 === 2) {
      const extras = { account: 3, stp: 1, display: 1, minQty: 1, expireAt: 50, reqId: at };
      encodePlace(words, 0, 0, at, side, 0, 4, 100 + (at % 3), 5, extras);
    } else encodePlace(words, 0, 0, at, side, 0, 0, 100 + (at % 3), 5);
    return words;
  });
}

/** A venue that has executed and journalled some records; the state hash after each sequence number. */
function someVenue(count: number) {
  const engine = newEngine();
  const journal = new JournalWriter();
  const hashes = [engine.stateHash()];
  const snapshots: Uint8Array[] = [];
  const ends = [journal.byteLength];
  for (const record of someRecords(count)) {
    journal.append(record, 0, engine.executeRecord(record, 0));
    hashes.push(engine.stateHash());
    snapshots.push(takeVenueSnapshot(engine));
    ends.push(journal.byteLength);
  }
  return { engine, bytes: journal.bytes().slice(), hashes, snapshots, ends };
}

const newEngine = () => new MatchingEngine({ symbolCount: 1 });

describe("journal", () => {
  test("every record comes back as it was written", () => {
    const records = someRecords(40);
    const journal = new JournalWriter(7);
    for (const [at, record] of records.entries()) journal.append(record, 0, 8 + at);
    const read: number[][] = [];
    const scan = scanJournal(journal.bytes(), (sequence, record) => {
      expect(sequence).toBe(8 + read.length);
      read.push([...record]);
    });
    expect(read).toEqual(records.map((record) => [...record]));
    expect(scan).toMatchObject({ baseSequence: 7, lastSequence: 47, tornReason: undefined });
  });

  test("cut at any byte it ends after the last whole record, and can be appended to at once", () => {
    const { bytes, ends, hashes } = someVenue(12);
    const next = someRecords(20)[15]!;
    for (let cut = 0; cut <= bytes.length; cut++) {
      const engine = newEngine();
      const recovery = recover(engine, { snapshots: [], journal: bytes.subarray(0, cut) });
      const whole = ends.filter((end) => end <= cut).length - 1;
      expect(engine.sequence).toBe(Math.max(0, whole));
      expect(engine.stateHash()).toBe(hashes[Math.max(0, whole)]);
      expect(recovery.tornReason === undefined).toBe(ends.includes(cut));
      recovery.journal.append(next, 0, engine.executeRecord(next, 0));
      const again = newEngine();
      const second = recover(again, { snapshots: [], journal: recovery.journal.bytes() });
      expect(second.tornReason).toBeUndefined();
      expect(again.stateHash()).toBe(engine.stateHash());
    }
  });

  test("a flipped bit anywhere ends it there", () => {
    const { bytes, ends, hashes } = someVenue(6);
    for (let at = 16; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at] = damaged[at]! ^ (1 << (at % 8));
      const whole = ends.filter((end) => end <= at).length - 1;
      const engine = newEngine();
      const recovery = recover(engine, { snapshots: [], journal: damaged });
      expect(recovery.tornReason).toBeDefined();
      expect(engine.stateHash()).toBe(hashes[whole]);
    }
  });

  test("what is stored piece by piece is the journal that would stand in one piece", () => {
    const whole = new JournalWriter();
    const pieces = new JournalWriter();
    const stored: number[] = [];
    for (const [at, record] of someRecords(40).entries()) {
      whole.append(record, 0, at + 1);
      pieces.append(record, 0, at + 1);
      if (at % 7 !== 0) continue;
      stored.push(...pieces.bytes());
      pieces.markStored();
    }
    stored.push(...pieces.bytes());
    expect(stored).toEqual([...whole.bytes()]);
    expect(pieces.byteLength).toBe(whole.byteLength);
  });

  test("a plain order takes 40 bytes, a cancel 32, and what needs more takes it", () => {
    const journal = new JournalWriter();
    const words = new Int32Array(COMMAND_RECORD_WORDS);
    const long = new Float64Array(COMMAND_RECORD_WORDS);
    const half = new Float64Array(COMMAND_RECORD_WORDS);
    encodePlace(words, 0, 0, 1, 0, 0, 0, 100, 5);
    expect(journal.append(words, 0, 1)).toBe(40);
    encodeCancel(words, 0, 0, 1);
    expect(journal.append(words, 0, 2)).toBe(32);
    encodeCancel(words, 0, 0, 1, 7);
    expect(journal.append(words, 0, 3)).toBe(40);
    encodePlace(long, 0, 0, 2, 0, 0, 0, 100, 2 ** 31);
    expect(journal.append(long, 0, 4)).toBe(56);
    encodePlace(half, 0, 0, 3, 0, 0, 0, 100.5, 5, { account: 0 });
    expect(journal.append(half, 0, 5)).toBe(72);
    encodePlace(words, 0, 0, 3, 0, 0, 0, 100, 5, { expireAt: 9 });
    expect(journal.append(words, 0, 6)).toBe(64);
    const found: number[][] = [];
    scanJournal(journal.bytes(), (_, record) => found.push([...record]));
    encodeCancel(words, 0, 0, 1, 7);
    expect(found[2]).toEqual([...words]);
    expect(found.slice(3, 5)).toEqual([[...long], [...half]]);
    encodePlace(words, 0, 0, 3, 0, 0, 0, 100, 5, { expireAt: 9 });
    expect(found[5]).toEqual([...words]);
  });

  test("it grows beyond its first memory without losing anything, up to its bound", () => {
    const journal = new JournalWriter(0, 2 ** 17);
    const words = new Int32Array(COMMAND_RECORD_WORDS);
    const append = (id: number) => {
      encodePlace(words, 0, 0, id, 0, 0, 0, 100, 5);
      journal.append(words, 0, id);
    };
    for (let id = 1; id <= 3270; id++) append(id);
    expect(journal.byteLength).toBe(16 + 3270 * 40);
    const ids: number[] = [];
    const scan = scanJournal(journal.bytes(), (_, record) => ids.push(record[2]!));
    expect(ids).toEqual(Array.from({ length: 3270 }, (_, at) => at + 1));
    expect([scan.recordCount, scan.tornReason]).toEqual([3270, undefined]);
    expect(() => {
      for (let id = 3271; id < 3290; id++) append(id);
    }).toThrow("journal is above 131072 bytes");
  });

  test("the reason why it ended says which of its rules was broken", () => {
    const { bytes, ends } = someVenue(6);
    const reasonOf = (damage: (ints: Int32Array, frame: number) => void, length = bytes.length) => {
      const damaged = bytes.slice(0, length);
      damage(new Int32Array(damaged.buffer, 0, damaged.length >>> 2), ends[3]! / 4);
      return scanJournal(damaged).tornReason;
    };
    const nothing = () => {};
    expect(reasonOf(nothing, 0)).toBe("the header is cut");
    expect(reasonOf(nothing, 15)).toBe("the header is cut");
    expect(reasonOf(nothing, 16)).toBeUndefined();
    expect(reasonOf((ints) => ints.fill(7, 0, 1))).toBe("this is no journal of this version");
    expect(reasonOf((ints) => ints.fill(7, 1, 2))).toBe("this is no journal of this version");
    expect(reasonOf(nothing, ends[3]! + 4)).toBe("the record is cut");
    expect(reasonOf(nothing, ends[3]! + 8)).toBe("the record is cut");
    expect(reasonOf((ints, at) => ints.fill(0, at, at + 1))).toBe("no record begins here");
    expect(reasonOf((ints, at) => ints.fill(0x53430002, at, at + 1))).toBe(
      "its length is impossible",
    );
    expect(reasonOf((ints, at) => ints.fill(0x53430009, at, at + 1))).toBe(
      "its length is impossible",
    );
    expect(reasonOf((ints, at) => ints.fill(0x5343010f, at, at + 1))).toBe(
      "its length is impossible",
    );
    expect(reasonOf((ints, at) => ints.fill(7, at + 4, at + 5))).toBe("its checksum is wrong");
    const after = new JournalWriter(8);
    after.append(someRecords(1)[0]!, 0, 9);
    const late = new Uint8Array([...bytes, ...after.bytes().subarray(16)]);
    expect(scanJournal(late).tornReason).toBe("it is numbered 9 instead of 7");
  });

  test("it refuses a number that is not the next", () => {
    const journal = new JournalWriter();
    expect(() => journal.append(someRecords(1)[0]!, 0, 2)).toThrow("journal ends at 0");
  });
});

describe("recovery", () => {
  test("any snapshot and the journal after it give the same state", () => {
    const { engine, bytes, snapshots } = someVenue(20);
    for (const [at, snapshot] of snapshots.entries()) {
      const recovered = newEngine();
      const recovery = recover(recovered, { snapshots: [snapshot], journal: bytes });
      expect(recovery).toMatchObject({ snapshotSequence: at + 1, replayedCount: 19 - at });
      expect(recovered.stateHash()).toBe(engine.stateHash());
      expect(recovered.sequence).toBe(20);
    }
  });

  test("it takes the newest valid snapshot by the number inside, and says what was wrong with the others", () => {
    const { engine, bytes, snapshots } = someVenue(20);
    const newest = snapshots[18]!.slice(0, -1);
    const flipped = snapshots[17]!.slice();
    flipped[40] = flipped[40]! ^ 4;
    const recovered = newEngine();
    const sources = { snapshots: [newest, snapshots[3]!, snapshots[9]!, flipped], journal: bytes };
    const recovery = recover(recovered, sources);
    expect(recovery.snapshotSequence).toBe(10);
    expect(recovery.damaged.map(({ index }) => index)).toEqual([0, 3]);
    expect(recovered.stateHash()).toBe(engine.stateHash());
  });

  test("the newest is taken wherever it stands among them", () => {
    const { bytes, snapshots } = someVenue(20);
    for (const order of [
      [3, 9, 5],
      [9, 5, 3],
      [5, 3, 9],
    ]) {
      const sources = { snapshots: order.map((at) => snapshots[at]!), journal: bytes };
      expect(recover(newEngine(), sources).snapshotSequence).toBe(10);
    }
  });

  test("what is wrong with a snapshot is said", () => {
    const snapshot = someVenue(8).snapshots[7]!;
    const problemOf = (at: number, value: number, length = snapshot.length) => {
      const damaged = snapshot.slice(0, length);
      damaged[at] = value;
      return inspectVenueSnapshot(damaged);
    };
    expect(problemOf(0, 0x53, 31)).toEqual({ problem: "it is cut in its header" });
    expect(problemOf(0, 1)).toEqual({ problem: "it is no snapshot" });
    expect(problemOf(4, 2)).toEqual({ problem: "its version is 2" });
    const cut = `it has 32 of ${snapshot.length} bytes`;
    expect(problemOf(0, snapshot[0]!, 32)).toEqual({ problem: cut });
    expect(problemOf(snapshot.length - 9, 99)).toEqual({ problem: "its checksum is wrong" });
  });

  test("a snapshot ahead of the journal wins, and a new journal begins after it", () => {
    const { engine, bytes, ends, snapshots } = someVenue(20);
    const recovered = newEngine();
    const sources = { snapshots: [snapshots[19]!], journal: bytes.subarray(0, ends[5]) };
    const recovery = recover(recovered, sources);
    expect(recovered.stateHash()).toBe(engine.stateHash());
    expect(recovery.journal.lastSequence).toBe(20);
  });

  test("a journal that begins after what the snapshot covers is not replayed", () => {
    const { snapshots, hashes } = someVenue(20);
    const late = new JournalWriter(10);
    late.append(someRecords(20)[10]!, 0, 11);
    const recovered = newEngine();
    const recovery = recover(recovered, { snapshots: [snapshots[4]!], journal: late.bytes() });
    expect(recovery.gap).toEqual({ afterSequence: 5, journalFrom: 11 });
    expect(recovered.stateHash()).toBe(hashes[5]);
  });

  test("a snapshot that was cut or damaged at any byte is refused", () => {
    const snapshot = someVenue(8).snapshots[7]!;
    expect(inspectVenueSnapshot(snapshot)).toEqual({ sequence: 8 });
    for (let at = 0; at < snapshot.length; at++) {
      expect(inspectVenueSnapshot(snapshot.subarray(0, at))).toHaveProperty("problem");
      const damaged = snapshot.slice();
      damaged[at] = damaged[at]! ^ 16;
      expect(inspectVenueSnapshot(damaged)).toHaveProperty("problem");
    }
  });
});

describe("replication", () => {
  function pair(count: number, disturb: (record: Float64Array, at: number) => void) {
    const primary = newEngine();
    const digests = new CommandDigests();
    const replica = new Replica(newEngine());
    for (const [at, record] of someRecords(count).entries()) {
      const sequence = primary.executeRecord(record, 0);
      digests.note(sequence, record, 0, primary.events);
      const sent = record.slice();
      disturb(sent, at);
      replica.apply(sent, 0);
    }
    const checkpoint = { sequence: primary.sequence, stateHash: primary.stateHash(), digests };
    return { replica, checkpoint };
  }

  test("a replica fed by the stream agrees at every hash", () => {
    const { replica, checkpoint } = pair(30, () => {});
    expect(replica.check(checkpoint)).toBeUndefined();
  });

  test("a divergence is noticed at the next hash and the first differing command is named", () => {
    const { replica, checkpoint } = pair(30, (record, at) => {
      if (at === 10) record[4] = 99;
    });
    expect(replica.check(checkpoint)).toMatchObject({ atSequence: 30, firstCommand: 11 });
  });

  test("a command that never arrived is named", () => {
    const { replica, checkpoint } = pair(1, () => {});
    const primary = newEngine();
    const record = someRecords(1)[0]!;
    checkpoint.digests.note(2, record, 0, primary.events);
    const later = { ...checkpoint, sequence: 2 };
    expect(replica.check(later)?.firstCommand).toBe(2);
  });

  /** Digests of two venues that did the same, save for one command. */
  function digestsOf(count: number, digestsMax: number, different = -1): CommandDigests {
    const engine = newEngine();
    const digests = new CommandDigests(digestsMax);
    for (const [at, record] of someRecords(count).entries()) {
      if (at + 1 === different) record[4] = 999;
      digests.note(engine.executeRecord(record, 0), record, 0, engine.events);
    }
    return digests;
  }

  test("digests are kept for the last commands, and a difference before them is not named", () => {
    const digests = digestsOf(30, 8);
    expect([digests.from, digests.end]).toEqual([23, 31]);
    expect(digestsOf(30, 8, 23).firstDifference(digests)).toBe(23);
    expect(digestsOf(30, 8, 30).firstDifference(digests)).toBe(30);
    expect([digestsOf(7, 8).from, digestsOf(8, 8).from]).toEqual([1, 1]);
    expect(digestsOf(9, 8).from).toBe(2);
  });

  test("the first command that only one of two knows is named, the shorter one's end", () => {
    expect(digestsOf(20, 64).firstDifference(digestsOf(20, 64))).toBeUndefined();
    expect(digestsOf(20, 64).firstDifference(digestsOf(12, 64))).toBe(13);
    expect(digestsOf(12, 64).firstDifference(digestsOf(20, 64))).toBe(13);
    expect(digestsOf(20, 64, 3).firstDifference(digestsOf(12, 64))).toBe(3);
  });

  test("the same command with other events is a difference", () => {
    const digestOf = (quantity: number) => {
      const engine = newEngine();
      const digests = new CommandDigests();
      const words = new Float64Array(COMMAND_RECORD_WORDS);
      encodePlace(words, 0, 0, 1, 0, 0, 0, 100, quantity);
      engine.executeRecord(words, 0);
      encodeCancel(words, 0, 0, 1);
      digests.note(engine.executeRecord(words, 0), words, 0, engine.events);
      return digests;
    };
    expect(digestOf(5).firstDifference(digestOf(6))).toBe(2);
    expect(digestOf(5).firstDifference(digestOf(5))).toBeUndefined();
  });

  test("an agreed hash forgets the commands up to it, an older one nothing", () => {
    const digests = digestsOf(20, 64);
    digests.agree(10);
    expect([digests.from, digests.end]).toEqual([11, 21]);
    digests.agree(4);
    expect(digests.from).toBe(11);
    digests.agree(20);
    expect(digests.from).toBe(21);
    digests.agree(30);
    expect(digests.from).toBe(21);
  });

  test("digests that begin anew elsewhere know nothing of what was before", () => {
    const digests = digestsOf(20, 64);
    const engine = newEngine();
    const record = someRecords(1)[0]!;
    engine.executeRecord(record, 0);
    digests.note(25, record, 0, engine.events);
    expect([digests.from, digests.end]).toEqual([25, 26]);
  });

  test("both sides forget what they agreed on, and a replica that was behind is told from one that differs", () => {
    const { replica, checkpoint } = pair(30, () => {});
    expect(replica.check({ ...checkpoint, sequence: 31 })).toEqual({
      atSequence: 31,
      primaryHash: checkpoint.stateHash,
      replicaHash: checkpoint.stateHash,
      firstCommand: undefined,
    });
    expect(replica.check({ ...checkpoint, stateHash: "0" })).toBeDefined();
    expect(replica.check(checkpoint)).toBeUndefined();
    expect([replica.digests.from, checkpoint.digests.from]).toEqual([31, 31]);
  });

  test("a replica of a restored engine begins where that one stands, and counts a repeated request once", () => {
    const { engine, snapshots } = someVenue(10);
    const restored = newEngine();
    recover(restored, { snapshots: [snapshots[9]!], journal: new JournalWriter(10).bytes() });
    const replica = new Replica(restored);
    expect([replica.digests.from, replica.digests.end]).toEqual([11, 11]);
    const words = new Float64Array(COMMAND_RECORD_WORDS);
    encodeCancel(words, 0, 0, 500, 77);
    const digests = new CommandDigests();
    digests.note(engine.executeRecord(words, 0), words, 0, engine.events);
    replica.apply(words, 0);
    replica.apply(words, 0);
    expect([replica.digests.end, replica.engine.sequence]).toEqual([12, 11]);
    const checkpoint = { sequence: 11, stateHash: engine.stateHash(), digests };
    expect(digests.firstDifference(replica.digests)).toBeUndefined();
    expect(replica.check(checkpoint)).toBeUndefined();
  });
});
