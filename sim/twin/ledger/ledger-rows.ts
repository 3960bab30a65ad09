/** What the ledger keeps of each request and of each step of the market. */

/** What a client knows of its request. */
export const told = { nothing: 0, success: 1, failure: 2, inDoubt: 3 } as const;

/** What the venue did with a command that became durable, seen from the state of its market. */
export const treatment = {
  none: 0,
  /** Carried out, or answered, as it would be at any time: a cancel always, an order in continuous trading. */
  carriedOut: 1,
  /** An order or amend that an auction collects: it trades when the book uncrosses, not before. */
  collected: 2,
  /** Refused for no other reason than the state of the market. */
  turnedAway: 3,
} as const;

export const requestColumns = {
  told: "uint8",
  /** One of `treatment`. */
  treatment: "uint8",
  toldUs: "float64",
  durableUs: "float64",
  /** Position in its journal as that stands; `none` when it is not in it. Positions order the commands of a symbol. */
  position: "int32",
  /** Journal that the request became durable in. */
  journal: "uint8",
  /** How often the request stands in the venue's history. */
  copies: "uint8",
  /** 1 when it stands only in a journal whose place another has taken. */
  stranded: "uint8",
  /** 1 once a queue or topic has taken it: the order service holds its funds from then on, until it lets go of them (2). */
  taken: "uint8",
} as const;

export const historyColumns = { command: "int32" } as const;

export const marketStepColumns = {
  durableUs: "float64",
  position: "int32",
  journal: "uint8",
} as const;
