import type { Table } from "../../kernel/containers/table.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { isMarketStep } from "../fabric/requests.ts";
import { ReplicaProgress, type ReplicatedLog, type ReplicaValues } from "./journal-replica.ts";

const setAsideColumns = { request: "int32" } as const;

const cell = {
  /** 1 for a log that was promoted to the venue's history in the place of its peer, and still is it. */
  promoted: 0,
  /** 1 once it knows that a copy in another region has taken its place. */
  superseded: 1,
  /** Position at which a copy was promoted. */
  promotedAt: 2,
  /** 1 while it is a copy that follows its peer. */
  follows: 3,
  /** Position up to which what only it holds has been entered again. */
  entered: 4,
} as const;

/** The log of one region, as its pair sees and changes it. */
export interface PairedLog extends ReplicatedLog {
  readonly id: string;
  readonly component: number;
  readonly values: ReplicaValues;
  /** Position of the first record that can be read. */
  readonly begin: number;
  requestAt(position: number): number;
  /** Nobody appends any more. */
  close(): void;
  /** What another log holds up to a position becomes its own, and nothing else; it knows no owner. */
  takeHistory(of: Pick<PairedLog, "begin" | "requestAt">, position: number): void;
  /** It ends at a position from now on; what is on its way to it is not written any more. */
  stepBackTo(position: number): void;
  /** It is the venue's history from now on, up to a position. */
  promoted(position: number): void;
}

/**
 * Two logs in two regions, of which one is the venue's history and the other follows it:
 *
 *   history --ships--> copy;   copy --promote--> history, and the old one is superseded once it hears of it
 *   superseded --followAgain--> copy, with what only it has set aside;   history --handOver--> copy
 *
 * A log without a second region follows nobody, and nobody follows it.
 */
export class JournalPair {
  readonly #fabric: Fabric;
  readonly #log: PairedLog;
  readonly #cells: Float64Array;
  readonly #promotedKind: number;
  readonly #supersededKind: number;
  readonly #followsKind: number;
  /** Assembly only. Commands that stood only in this log when it became a copy of the one that had taken its place. */
  #setAside: Table<typeof setAsideColumns> | undefined;
  /** Assembly only: the other of the pair. */
  #peer: JournalPair | undefined;
  /** Assembly only: how far this one has got as a copy of its peer. */
  #replica: ReplicaProgress | undefined;

  /** `isCopy`: whether it follows another at the start. */
  constructor(fabric: Fabric, log: PairedLog, isCopy: boolean) {
    this.#fabric = fabric;
    this.#log = log;
    this.#cells = fabric.kernel.float64Array(`${log.id}.pair`, Object.keys(cell).length);
    this.#promotedKind = fabric.log.kind("journal.replica-promoted", "act");
    this.#supersededKind = fabric.log.kind("journal.superseded", "info");
    this.#followsKind = fabric.log.kind("journal.follows-again", "act");
    if (!isCopy) return;
    this.#cells[cell.follows] = 1;
    this.#prepareToFollow();
  }

  /** Each of two logs can follow the other. While the platform is assembled only. */
  #prepareToFollow(): void {
    const { id, zones, values } = this.#log;
    this.#setAside = this.#fabric.kernel.table(`${id}.set-aside`, setAsideColumns, {
      rowsInitial: 16,
      rowsMax: 100_000_000,
    });
    this.#replica = new ReplicaProgress(
      this.#fabric,
      {
        id,
        zones,
        values,
        inTouch: () => {
          if (this.#cells[cell.promoted] === 1) this.#peer!.#supersede();
        },
        isFollowing: () => this.follows,
      },
      () => this.#peer!.#log,
    );
  }

  /** It begins to follow the log of another region. While the platform starts only. */
  startFollowing(peer: JournalPair): void {
    this.#peer = peer;
    peer.#peer = this;
    peer.#prepareToFollow();
    this.#replica?.start();
  }

  /** Whether it is a copy that follows the log in the other region. */
  get follows(): boolean {
    return this.#cells[cell.follows] === 1;
  }

  /** Position up to which it has everything of the log that it is a copy of; 0 for one that is no copy. */
  get replicatedEnd(): number {
    return this.#replica?.arrived ?? 0;
  }

  /** Records of the log that it is a copy of which have not arrived; 0 for one that is no copy. */
  get lackingCount(): number {
    return this.follows ? this.#peer!.#log.end - this.replicatedEnd : 0;
  }

  /**
   * Makes the copy the venue's history: what has arrived, or what a newer snapshot of the books covers. Records after
   * that stay with the old journal. Returns the position, or `none` when it is no copy.
   */
  promote(snapshotPosition: number, causeSeq: number): number {
    const peer = this.#peer;
    if (peer === undefined || this.#replica === undefined || !this.follows) return none;
    const position = Math.max(this.#replica.arrived, snapshotPosition);
    this.#log.takeHistory(peer.#log, position);
    this.#cells[cell.promoted] = 1;
    this.#cells[cell.promotedAt] = position;
    this.#cells[cell.follows] = 0;
    this.#cells[cell.superseded] = 0;
    this.#note(this.#promotedKind, causeSeq, peer.#log.end - position);
    this.#log.promoted(position);
    return position;
  }

  /**
   * A log whose place its copy has taken becomes a copy of that: what only it has is set aside, and it gets from there what
   * has been written since they parted. False when it has not lost its place, or the regions don't talk.
   */
  followAgain(causeSeq: number): boolean {
    const peer = this.#peer;
    const replica = this.#replica;
    if (peer === undefined || replica === undefined || this.#setAside === undefined) return false;
    const lostItsPlace = peer.#cells[cell.promoted] === 1 && !this.follows;
    if (!lostItsPlace || !replica.isInTouch) return false;
    this.#supersede();
    const parted = peer.#cells[cell.promotedAt]!;
    for (const request of this.#requestsFrom(Math.max(parted, this.#cells[cell.entered]!))) {
      const row = this.#setAside.append();
      this.#setAside.column.request[row] = request;
    }
    this.#note(this.#followsKind, causeSeq, peer.#log.end - parted);
    this.#followFrom(Math.min(parted, this.#log.end));
    return true;
  }

  /** It hands its place over to its copy, which has everything, and follows it from here on. */
  handOver(): void {
    this.#supersede();
    this.#followFrom(this.#log.end);
  }

  /** Requests of clients that stand only in the log whose place this one has taken, in order, each told once. */
  takeStranded(): readonly number[] {
    const peer = this.#peer;
    if (peer === undefined) return [];
    const stranded = [...peer.#takeSetAside(), ...this.#takeSetAside()];
    if (peer.follows) return stranded;
    const from = Math.max(this.#cells[cell.promotedAt]!, peer.#cells[cell.entered]!);
    peer.#cells[cell.entered] = peer.#log.end;
    return [...stranded, ...peer.#requestsFrom(from)];
  }

  /** It hears that a copy has taken its place. */
  #supersede(): void {
    if (this.#cells[cell.superseded] === 1) return;
    this.#cells[cell.superseded] = 1;
    this.#log.close();
    this.#note(this.#supersededKind, none, this.#log.end);
  }

  #followFrom(position: number): void {
    this.#log.stepBackTo(position);
    this.#cells[cell.promoted] = 0;
    this.#cells[cell.follows] = 1;
    this.#replica?.followFrom(position);
  }

  #takeSetAside(): readonly number[] {
    const table = this.#setAside;
    if (table === undefined) return [];
    const taken = [...table.column.request.subarray(0, table.rowCount)];
    table.clear();
    return taken;
  }

  #requestsFrom(position: number): readonly number[] {
    const requests: number[] = [];
    for (let at = position; at < this.#log.end; at += 1) {
      const request = this.#log.requestAt(at);
      if (!isMarketStep(request)) requests.push(request);
    }
    return requests;
  }

  #note(kind: number, causeSeq: number, value: number): void {
    this.#fabric.log.append(kind, { component: this.#log.component }, causeSeq, value);
  }
}
