import type { Registered } from "./containers/registered.ts";
import { readText, textByteLength, writeText } from "./text-bytes.ts";

/** How the kernel's own numbers are got and set. */
export interface KernelStateAccess {
  read(): [nowUs: number, eventCount: number, seed: string];
  write(nowUs: number, eventCount: number, seed: string): void;
}

/** The kernel's own state in a snapshot: clock, count, seed, and the names of its handlers, which must be the same. */
export class KernelState implements Registered {
  private readonly handlerNames: readonly string[];
  private readonly access: KernelStateAccess;

  constructor(handlerNames: readonly string[], access: KernelStateAccess) {
    this.handlerNames = handlerNames;
    this.access = access;
  }

  byteLength(): number {
    return 16 + textByteLength(this.text());
  }

  write(view: DataView, byteOffset: number): void {
    const [nowUs, eventCount] = this.access.read();
    view.setFloat64(byteOffset, nowUs, true);
    view.setFloat64(byteOffset + 8, eventCount, true);
    writeText(this.text(), view, byteOffset + 16);
  }

  read(view: DataView, byteOffset: number, byteLength: number): void {
    const text = readText(view, byteOffset + 16, byteLength - 16);
    const saved = JSON.parse(text) as { seed: string; handlers: string[] };
    const count = Math.max(saved.handlers.length, this.handlerNames.length);
    for (let i = 0; i < count; i += 1) {
      const theirs = saved.handlers[i];
      const ours = this.handlerNames[i];
      if (theirs !== ours) throw new Error(`handler ${i} is "${theirs}" there and "${ours}" here`);
    }
    this.access.write(
      view.getFloat64(byteOffset, true),
      view.getFloat64(byteOffset + 8, true),
      saved.seed,
    );
  }

  private text(): string {
    return JSON.stringify({ seed: this.access.read()[2], handlers: this.handlerNames });
  }
}
