import type { Table } from "../../kernel/kernel.ts";

/** What a client keeps of each of its requests. */
export const clientColumns = {
  attempt: "uint8",
  doubtful: "uint8",
  /** Whether the client has stopped waiting: it was told, or gave up. */
  settled: "uint8",
  /** Whether it has been sent at least once, and whether the client has logged in for its sake. */
  sent: "uint8",
  loggedIn: "uint8",
  /** Whether it is a log-in that restores its user's connection. */
  reconnects: "uint8",
  /** First request that waits for this one to settle, and the next that waits for the same. */
  firstWaiting: "int32",
  nextWaiting: "int32",
  /** For a query about the fate of a command, that; for a command, one of `fate`, and how often its client has asked. */
  about: "int32",
  fate: "uint8",
  asks: "uint8",
} as const;

/** What a client has come to know of a command that it had given up on. */
export const fate = { none: 0, unknown: 1, confirmed: 2, resubmitted: 3 } as const;

/** A row for each request, by its number. */
export type ClientRows = Table<typeof clientColumns>;
