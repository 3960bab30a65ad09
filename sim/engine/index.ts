/** The public face of the matching engine: `import { MatchingEngine } from "stormbell/engine"`. */
export type { SymbolConfig } from "./book.ts";
export {
  EventKind,
  OrderType,
  Phase,
  Reason,
  reasonName,
  Side,
  StpMode,
  TimeInForce,
} from "./codes.ts";
export {
  COMMAND_RECORD_WORDS,
  CommandKind,
  encodeAmend,
  encodeCancel,
  encodeEndOfDay,
  encodeKill,
  encodeMassCancel,
  encodePlace,
  encodeSetPhase,
  encodeSetTime,
  type PlaceExtras,
} from "./commands.ts";
export { type JournalScan, JournalWriter, scanJournal } from "./durability/journal.ts";
export { type Recovery, type RecoverySources, recover } from "./durability/recovery.ts";
export {
  type Checkpoint,
  CommandDigests,
  type Divergence,
  Replica,
} from "./durability/replication.ts";
export {
  inspectVenueSnapshot,
  restoreVenueSnapshot,
  takeVenueSnapshot,
} from "./durability/venue-snapshot.ts";
export type { EventBuffer } from "./event-buffer.ts";
export { decimalToUnits, type UnitsResult, unitsToDecimal } from "./gateway/decimal.ts";
export { Interner } from "./gateway/interner.ts";
export { type FeedOutcome, LevelFeedBook, OrderFeedBook } from "./market-data/feed-books.ts";
export { FeedBuffer, FeedKind } from "./market-data/feed-buffer.ts";
export {
  type LevelSnapshot,
  MarketDataFeed,
  type OrderSnapshot,
} from "./market-data/market-data-feed.ts";
export { type EngineOptions, MatchingEngine } from "./matching-engine.ts";
export { type BitstampResult, replayBitstamp } from "./replay/bitstamp-replay.ts";
export {
  type CommandDocument,
  type CommandFile,
  type Operation,
  parseCommandFile,
} from "./replay/command-document.ts";
export { type CommandAnswer, runDocument } from "./replay/command-replay.ts";
export { type FlowResult, replayFlow } from "./replay/flow-replay.ts";
export { FlowKind, lobsterToOrderFlow, type OrderFlow } from "./replay/lobster-flow.ts";
export {
  type BookDifference,
  type LobsterMistakes,
  type LobsterResult,
  replayLobster,
} from "./replay/lobster-replay.ts";
export type { LineMistake } from "./replay/mistake.ts";
