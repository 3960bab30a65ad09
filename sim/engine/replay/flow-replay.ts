import { EventKind, OrderType, type Side, TimeInForce } from "../codes.ts";
import { Interner } from "../gateway/interner.ts";
import { MatchingEngine } from "../matching-engine.ts";
import { type FlowMessages, FlowOp, parseFlow } from "./flow-text.ts";
import { type LineMistake, LineMistakes } from "./mistake.ts";

/** What a flow replay gave. The report stream is the chunks joined by nothing; its SHA-256 is the caller's to take. */
export interface FlowResult {
  readonly reportChunks: readonly string[];
  readonly messageCount: number;
  readonly tradeCount: number;
  readonly openOrderCount: number;
  readonly stateHash: string;
}

/** Lines of one chunk, so that no single text grows without bound. */
const linesInChunk = 8192;

/**
 * Runs a flow file and reports as `data/lob/README.md` says: for each message the acknowledgement of a new order, then
 * trades in match order, then the rest. A modify removes the order and enters it anew, so it gets a fresh engine id under
 * the same outer id. Nothing is reported when the file has a mistake.
 */
export function replayFlow(text: string): {
  readonly result: FlowResult | undefined;
  readonly mistakes: readonly LineMistake[];
} {
  const { messages, mistakes } = parseFlow(text);
  if (mistakes.length > 0) return { result: undefined, mistakes };
  const replay = new FlowReplay(messages);
  for (let row = 0; row < messages.count; row++) replay.execute(row);
  if (replay.mistakes.count > 0) return { result: undefined, mistakes: replay.mistakes.list };
  return { result: replay.finish(), mistakes };
}

class FlowReplay {
  readonly mistakes = new LineMistakes();
  private readonly messages: FlowMessages;
  private readonly engine = new MatchingEngine({ symbolCount: 1 });
  private readonly outerIds = new Interner<number>();
  /** Engine id of each outer id, -1 before its first order; and back. */
  private readonly engineIdOf: number[] = [];
  private readonly outerIdOf: number[] = [];
  private readonly sideOf: number[] = [];
  private readonly priceOf: number[] = [];
  private lines: string[] = [];
  private readonly chunks: string[] = [];
  private tradeCount = 0;

  constructor(messages: FlowMessages) {
    this.messages = messages;
  }

  execute(row: number): void {
    const outer = this.outerIds.intern(this.messages.id[row]!);
    switch (this.messages.op[row]) {
      case FlowOp.place:
        this.place(row, outer);
        break;
      case FlowOp.cancel:
        this.cancel(row, outer);
        break;
      default:
        this.modify(row, outer);
    }
    if (this.lines.length >= linesInChunk) this.closeChunk();
  }

  finish(): FlowResult {
    this.closeChunk();
    return {
      reportChunks: this.chunks,
      messageCount: this.messages.count,
      tradeCount: this.tradeCount,
      openOrderCount: this.engine.openOrderCount,
      stateHash: this.engine.stateHash(),
    };
  }

  private place(row: number, outer: number): void {
    const { messages } = this;
    const id = messages.id[row]!;
    if (this.isLive(outer)) {
      const problem = `Order ${id} is entered while it is still open`;
      this.mistakes.add(
        "flow.duplicate",
        messages.firstLine + row,
        problem,
        "Give each order its own id",
      );
      return;
    }
    const side = messages.side[row]! as Side;
    const price = messages.price[row]!;
    const isImmediate = messages.isImmediate[row] === 1;
    this.lines.push(`0,${row},${side},${id},${price},${messages.quantity[row]!}`);
    this.enter(row, outer, side, price, isImmediate ? TimeInForce.ioc : TimeInForce.gtc);
  }

  private cancel(row: number, outer: number): void {
    const id = this.messages.id[row]!;
    if (!this.isLive(outer)) {
      this.lines.push(`4,${row},${id}`);
      return;
    }
    this.engine.cancel(0, this.engineIdOf[outer]!);
    this.lines.push(`2,${row},${this.sideOf[outer]!},${id},${this.priceOf[outer]!}`);
  }

  private modify(row: number, outer: number): void {
    const id = this.messages.id[row]!;
    if (!this.isLive(outer)) {
      this.lines.push(`5,${row},${id}`);
      return;
    }
    const side = this.sideOf[outer]! as Side;
    const price = this.messages.price[row]!;
    this.engine.cancel(0, this.engineIdOf[outer]!);
    this.enter(row, outer, side, price, TimeInForce.gtc);
    this.lines.push(`3,${row},${side},${id},${price},${this.messages.quantity[row]!}`);
  }

  private enter(row: number, outer: number, side: Side, price: number, tif: TimeInForce): void {
    const { engine } = this;
    const engineId = this.outerIdOf.push(outer) - 1;
    this.engineIdOf[outer] = engineId;
    this.sideOf[outer] = side;
    this.priceOf[outer] = price;
    const quantity = this.messages.quantity[row]!;
    engine.place(0, engineId, side, OrderType.limit, tif, price, quantity);
    const { events } = engine;
    const takerId = this.messages.id[row]!;
    for (let i = 0; i < events.count; i++) {
      const kind = events.kind(i);
      if (kind === EventKind.traded) {
        const makerId = this.outerIds.nameOf(this.outerIdOf[events.orderId(i)]!);
        const fill = `${events.price(i)},${events.quantity(i)}`;
        this.lines.push(`1,${row},${fill},${makerId},${takerId}`);
        this.tradeCount++;
      } else if (kind === EventKind.cancelled) {
        this.lines.push(`2,${row},${side},${takerId},${price}`);
      }
    }
  }

  private isLive(outer: number): boolean {
    const engineId = this.engineIdOf[outer];
    return engineId !== undefined && this.engine.isLive(engineId);
  }

  private closeChunk(): void {
    if (this.lines.length === 0) return;
    const isFirst = this.chunks.length === 0;
    this.chunks.push((isFirst ? "" : "\n") + this.lines.join("\n"));
    this.lines = [];
  }
}
