import type { MatchingEngine } from "../../engine/matching-engine.ts";
import type { Kernel } from "../../kernel/kernel.ts";

/** A snapshot of the books as the venue stores it. */
interface VenueSnapshot {
  /** Journal position that it covers: recovery replays from there. */
  position: number;
  /** When it was taken, microseconds. */
  takenUs: number;
  bytes: Uint8Array;
}

/**
 * The venue's durable snapshots of its books: the one being written and the newest that is complete. These belong to
 * the simulated platform, which may lose them; the simulator's own snapshot holds them as one part among others.
 */
export class VenueSnapshots {
  readonly #pending: VenueSnapshot = { position: 0, takenUs: 0, bytes: new Uint8Array(0) };
  readonly #durable: VenueSnapshot = { position: 0, takenUs: 0, bytes: new Uint8Array(0) };

  constructor(kernel: Kernel, id: string) {
    for (const [name, snapshot] of [
      ["pending", this.#pending],
      ["durable", this.#durable],
    ] as const) {
      kernel.register(`${id}.snapshot-${name}`, {
        byteLength: () => 16 + snapshot.bytes.byteLength,
        write: (view, offset) => {
          view.setFloat64(offset, snapshot.position, true);
          view.setFloat64(offset + 8, snapshot.takenUs, true);
          new Uint8Array(view.buffer, view.byteOffset + offset + 16).set(snapshot.bytes);
        },
        read: (view, offset, byteLength) => {
          snapshot.position = view.getFloat64(offset, true);
          snapshot.takenUs = view.getFloat64(offset + 8, true);
          snapshot.bytes = new Uint8Array(byteLength - 16);
          snapshot.bytes.set(
            new Uint8Array(view.buffer, view.byteOffset + offset + 16, byteLength - 16),
          );
        },
      });
    }
  }

  /** Takes a snapshot; it counts only after `completed`. Returns its size in bytes. */
  take(engine: MatchingEngine, position: number, nowUs: number): number {
    const byteLength = engine.byteLength();
    const bytes = new Uint8Array(byteLength);
    engine.write(new DataView(bytes.buffer), 0);
    this.#pending.position = position;
    this.#pending.takenUs = nowUs;
    this.#pending.bytes = bytes;
    return byteLength;
  }

  /** The pending snapshot has reached durable storage. */
  completed(): void {
    this.#durable.position = this.#pending.position;
    this.#durable.takenUs = this.#pending.takenUs;
    this.#durable.bytes = this.#pending.bytes;
  }

  /** A copy of another region's newest snapshot is on its way here; it counts only after `completed`. */
  takeCopy(other: VenueSnapshots): void {
    this.#pending.position = other.#durable.position;
    this.#pending.takenUs = other.#durable.takenUs;
    this.#pending.bytes = other.#durable.bytes;
  }

  /** Snapshots that cover more than a position are of a history that is none any more. */
  discardBeyond(position: number): void {
    for (const snapshot of [this.#pending, this.#durable]) {
      if (snapshot.position <= position) continue;
      snapshot.position = 0;
      snapshot.takenUs = 0;
      snapshot.bytes = new Uint8Array(0);
    }
  }

  /** Position of the snapshot that is on its way. */
  get pendingPosition(): number {
    return this.#pending.position;
  }

  get position(): number {
    return this.#durable.position;
  }

  get takenUs(): number {
    return this.#durable.takenUs;
  }

  get byteLength(): number {
    return this.#durable.bytes.byteLength;
  }

  /** Puts the engine into the state of the newest complete snapshot, or leaves an empty engine as it is. */
  restoreInto(engine: MatchingEngine): void {
    const { bytes } = this.#durable;
    if (bytes.byteLength === 0) return;
    engine.read(
      new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      0,
      bytes.byteLength,
    );
  }
}
