import type { Table } from "../../kernel/kernel.ts";

/** What a client keeps of each of its requests. */
export const clientColumns = {
  attempt: "uint8",
  doubtful: "uint8",
  /** Bits of `mark`: most requests have no more to say than these, and no other column of theirs is looked at. */
  marks: "uint8",
  /** First request that waits for this one to settle, where it is marked so, and the next that waits for the same. */
  firstWaiting: "int32",
  nextWaiting: "int32",
  /** For a query about the fate of a command, that, marked so; for a command, one of `fate`, and how often its client has asked. */
  about: "int32",
  fate: "uint8",
  asks: "uint8",
} as const;

export const mark = {
  /** The client has stopped waiting: it was told, or gave up. */
  settled: 1,
  /** It has been sent at least once. */
  sent: 2,
  /** The client has logged in for its sake. */
  loggedIn: 4,
  /** It is a log-in that restores its user's connection. */
  reconnects: 8,
  /** Others wait for it to settle. */
  waitedFor: 16,
  /** It is a query about the fate of a command. */
  asks: 32,
} as const;

/** What a client has come to know of a command that it had given up on. */
export const fate = { none: 0, unknown: 1, confirmed: 2, resubmitted: 3 } as const;

/** A row for each request, by its number. */
export type ClientRows = Table<typeof clientColumns>;

export function isMarked(rows: ClientRows, request: number, as: number): boolean {
  return (rows.column.marks[request]! & as) !== 0;
}

export function setMark(rows: ClientRows, request: number, as: number): void {
  const { marks } = rows.column;
  marks[request] = marks[request]! | as;
}
