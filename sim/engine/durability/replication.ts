import { COMMAND_RECORD_WORDS } from "../commands.ts";
import type { EventBuffer } from "../event-buffer.ts";
import type { MatchingEngine } from "../matching-engine.ts";
import { checksumWords } from "./checksum.ts";

/** Commands whose digests are kept between two hashes; older ones are forgotten, and named as such when they matter. */
const digestsMaxDefault = 2 ** 16;

/**
 * One digest for each command since the last agreed hash: over the command and every event it caused. Primary and replica
 * keep one each, so that a hash that differs can be traced to the first command that did.
 */
export class CommandDigests {
  private readonly digests: Int32Array;
  private readonly scratch = new Float64Array(COMMAND_RECORD_WORDS);
  private readonly scratchWords = new Int32Array(this.scratch.buffer);
  private readonly columns = new Float64Array(5);
  private readonly columnWords = new Int32Array(this.columns.buffer);
  /** Sequence of the first digest held, and one after the last. */
  from = 1;
  end = 1;

  constructor(digestsMax = digestsMaxDefault) {
    this.digests = new Int32Array(digestsMax);
  }

  /** Notes a command that was just executed. */
  note(
    sequence: number,
    words: Int32Array | Float64Array,
    offset: number,
    events: EventBuffer,
  ): void {
    if (sequence !== this.end) this.from = sequence;
    this.digests[sequence % this.digests.length] = this.digestOf(words, offset, events);
    this.end = sequence + 1;
    if (this.end - this.from > this.digests.length) this.from = this.end - this.digests.length;
  }

  /** Forgets the commands up to an agreed hash. */
  agree(sequence: number): void {
    if (sequence + 1 > this.from) this.from = Math.min(sequence + 1, this.end);
  }

  /** First command both know and did differently, or undefined. */
  firstDifference(other: CommandDigests): number | undefined {
    const to = Math.min(this.end, other.end);
    for (let at = Math.max(this.from, other.from); at < to; at++) {
      if (this.at(at) !== other.at(at)) return at;
    }
    return this.end === other.end ? undefined : to;
  }

  private at(sequence: number): number {
    return this.digests[sequence % this.digests.length]!;
  }

  private digestOf(words: Int32Array | Float64Array, offset: number, events: EventBuffer): number {
    for (let at = 0; at < COMMAND_RECORD_WORDS; at++) this.scratch[at] = words[offset + at]!;
    let digest = checksumWords(this.scratchWords, 0, this.scratchWords.length, 1);
    const { columns, columnWords } = this;
    for (let i = 0; i < events.count; i++) {
      columns[0] = events.kind(i) | (events.reason(i) << 8) | (events.side(i) << 16);
      columns[1] = events.orderId(i);
      columns[2] = events.otherId(i);
      columns[3] = events.price(i);
      columns[4] = events.quantity(i);
      digest = checksumWords(columnWords, 0, columnWords.length, digest);
    }
    return digest;
  }
}

/** What the primary sends at a checkpoint. */
export interface Checkpoint {
  readonly sequence: number;
  readonly stateHash: string;
  readonly digests: CommandDigests;
}

/** How a replica differs from its primary. */
export interface Divergence {
  /** The checkpoint at which it was noticed. */
  readonly atSequence: number;
  readonly primaryHash: string;
  readonly replicaHash: string;
  /** The first command that was missing, different or done differently; undefined when it is older than the digests kept. */
  readonly firstCommand: number | undefined;
}

/** An engine fed by the journal stream of a primary. */
export class Replica {
  readonly engine: MatchingEngine;
  readonly digests: CommandDigests;

  constructor(engine: MatchingEngine, digestsMax = digestsMaxDefault) {
    this.engine = engine;
    this.digests = new CommandDigests(digestsMax);
    this.digests.from = engine.sequence + 1;
    this.digests.end = engine.sequence + 1;
  }

  apply(words: Int32Array | Float64Array, offset: number): void {
    const sequence = this.engine.executeRecord(words, offset);
    if (sequence === this.digests.end) {
      this.digests.note(sequence, words, offset, this.engine.events);
    }
  }

  /** Compares with the primary; undefined when both agree, and then the commands up to here need not be kept. */
  check(checkpoint: Checkpoint): Divergence | undefined {
    const replicaHash = this.engine.stateHash();
    if (this.engine.sequence === checkpoint.sequence && replicaHash === checkpoint.stateHash) {
      this.digests.agree(checkpoint.sequence);
      checkpoint.digests.agree(checkpoint.sequence);
      return undefined;
    }
    return {
      atSequence: checkpoint.sequence,
      primaryHash: checkpoint.stateHash,
      replicaHash,
      firstCommand: checkpoint.digests.firstDifference(this.digests),
    };
  }
}
