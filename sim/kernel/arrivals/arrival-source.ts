import { type Registered, readArray, writeArray } from "../containers/registered.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import type { Stream } from "../random/stream.ts";
import { timeUsMax } from "../units.ts";
import { type ArrivalProcess, arrivalMistakes } from "./arrival-process.ts";
import { createGenerator, stateLength } from "./generators.ts";

/**
 * The instants of an arrival process, one after the other. The process runs in fractional microseconds and only what
 * it gives out is rounded down, so that rounding never changes its rate.
 */
export class ArrivalSource implements Registered {
  private readonly state: Float64Array;
  private readonly generate: () => number;

  constructor(process: ArrivalProcess, stream: Stream) {
    const mistakes = arrivalMistakes(process);
    if (mistakes.length > 0) {
      throw new KernelError({
        code: "kernel.arrival-process",
        problem: `The ${process.kind} process cannot be drawn from: ${mistakes.join("; ")}`,
        remedy: "Correct these numbers where the process is written",
        at: stream.name,
      });
    }
    this.state = new Float64Array(stateLength(process));
    this.generate = createGenerator(process, stream, this.state);
  }

  /** The next arrival in whole microseconds, not before the last; `none` when there will be no more. */
  nextUs(): number {
    const atUs = this.generate();
    return atUs <= timeUsMax ? Math.floor(atUs) : none;
  }

  byteLength(): number {
    return this.state.byteLength;
  }

  write(view: DataView, byteOffset: number): void {
    writeArray(this.state, view, byteOffset);
  }

  read(view: DataView, byteOffset: number, byteLength: number): void {
    if (byteLength !== this.state.byteLength) throw new Error("its process is of another kind");
    readArray(this.state, view, byteOffset);
  }
}
