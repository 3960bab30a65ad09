import { assert } from "../../kernel/assert.ts";
import type { Table } from "../../kernel/containers/table.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/**
 * What stage of an outage an event belongs to. Recovery time is split along these stages by following
 * `causeSeq` from the event that ended the outage back to the fault.
 */
export type EventStage = "fault" | "detect" | "decide" | "act" | "recover" | "info";

const columns = {
  atUs: "float64",
  kind: "int32",
  component: "int32",
  instance: "int32",
  zone: "int32",
  causeSeq: "int32",
  value: "float64",
} as const;

/** Where an event happened; leave out what does not apply. */
export interface EventPlace {
  readonly component?: number;
  readonly instance?: number;
  readonly zone?: number;
}

/** Most events one run may log; the log of a drill is a few hundred, of a day of incidents some ten thousand. */
const eventsMax = 2_000_000;

/**
 * The append-only account of what happened and why. Every entry names the entry that caused it, so that
 * "why" can be answered by following links instead of guessing from nearness in time.
 */
export class EventLog {
  readonly kindNames: string[] = [];
  readonly kindStages: EventStage[] = [];
  readonly #table: Table<typeof columns>;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#table = kernel.table("event-log", columns, { rowsInitial: 256, rowsMax: eventsMax });
  }

  /** Registers a kind of event at assembly and returns its number; the same name gives the same number. */
  kind(name: string, stage: EventStage): number {
    const known = this.kindNames.indexOf(name);
    if (known >= 0) return known;
    this.kindNames.push(name);
    this.kindStages.push(stage);
    return this.kindNames.length - 1;
  }

  /** Appends an event at the present instant and returns its sequence number. Its cause is an earlier entry, or `none`. */
  append(kind: number, place: EventPlace, causeSeq: number, value = 0): number {
    const row = this.#table.append();
    assert(
      causeSeq >= none && causeSeq < row,
      () => `Event ${row} (${this.kindNames[kind]}) can't be caused by event ${causeSeq}`,
    );
    const column = this.#table.column;
    column.atUs[row] = this.#kernel.nowUs;
    column.kind[row] = kind;
    column.component[row] = place.component ?? none;
    column.instance[row] = place.instance ?? none;
    column.zone[row] = place.zone ?? none;
    column.causeSeq[row] = causeSeq;
    column.value[row] = value;
    return row;
  }

  get count(): number {
    return this.#table.rowCount;
  }

  /** One entry as plain data. */
  entry(seq: number): LogEntry {
    const column = this.#table.column;
    const kind = column.kind[seq]!;
    return {
      seq,
      atUs: column.atUs[seq]!,
      kind: this.kindNames[kind]!,
      stage: this.kindStages[kind]!,
      component: column.component[seq]!,
      instance: column.instance[seq]!,
      zone: column.zone[seq]!,
      causeSeq: column.causeSeq[seq]!,
      value: column.value[seq]!,
    };
  }
}

/** One thing that happened. Component, instance and zone are numbers of the assembled platform, `none` when not apt. */
export interface LogEntry {
  readonly seq: number;
  /** Microseconds since the run began. */
  readonly atUs: number;
  readonly kind: string;
  readonly stage: EventStage;
  readonly component: number;
  readonly instance: number;
  readonly zone: number;
  /** Sequence number of the event that caused this one, or `none`. */
  readonly causeSeq: number;
  /** A figure whose meaning belongs to the kind (a count, seconds, a level). */
  readonly value: number;
}
