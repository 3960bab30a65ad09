/** What the venue's reports and the trades that they tell of are kept as. */

/** A report that is not with its client yet. */
export const reportColumns = {
  session: "int32",
  /** Command of the venue that it tells of. */
  command: "int32",
  /** Trade that it tells of, or `none`, and one of `message`. */
  trade: "int32",
  message: "uint8",
  /** 1 for the taker's report of a trade. */
  taker: "uint8",
  /** Whether its owner knows that it is durable, and may send it. */
  ready: "uint8",
  /** The next in the same line: of the owner, or of what its session misses. */
  next: "int32",
} as const;

/** What a report says. */
export const message = { state: 0, traded: 1, busted: 2, reinstated: 3 } as const;

/** Every trade that an owner of books has made, by whichever side of a split brain. */
export const tradeColumns = {
  /** Command whose execution made it. */
  by: "int32",
  maker: "int32",
  taker: "int32",
  symbol: "int32",
  priceTicks: "int32",
  quantity: "int32",
  /** One of `standing`. */
  standing: "uint8",
  /** One of `belief`, of each side. */
  makerBelief: "uint8",
  takerBelief: "uint8",
  /** Commands that took the quantity off orders that were open when it was re-instated; `none` where there were none. */
  makerCorrection: "int32",
  takerCorrection: "int32",
} as const;

/** What the venue holds of a trade. */
export const standing = {
  /** In its history, or on the way there. */
  made: 0,
  /** In no history, and nobody has noticed. */
  lost: 1,
  /** The clearing house has noticed; nothing is decided. */
  found: 2,
  busted: 3,
  /** It is kept; the orders are still to be corrected. */
  honouring: 4,
  honoured: 5,
} as const;

/** What a client has been told of a trade. */
export const belief = { nothing: 0, traded: 1, calledOff: 2 } as const;

/** A session of execution reports: of a user with one part of the venue. */
export const sessionColumns = {
  /** First and last report that is missing, in order. */
  firstMissing: "int32",
  lastMissing: "int32",
  /** 1 while a request for a resend is under way, or is to be made again. */
  asking: "uint8",
  /** Heartbeats and requests so far, for draws of their own. */
  draws: "int32",
} as const;
