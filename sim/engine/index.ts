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
export type { EventBuffer } from "./event-buffer.ts";
export { type EngineOptions, MatchingEngine } from "./matching-engine.ts";
