import { KernelError } from "../kernel-error.ts";
import type { Registered } from "./registered.ts";

/** The states of a long procedure and the moves it allows. */
export interface StateMachineDefinition<S extends string> {
  /** Where it stands at first. */
  readonly initial: S;
  /** For every state, the states that may follow it. */
  readonly transitions: Readonly<Record<S, readonly S[]>>;
}

/** Where a runbook, a deployment or a fail-over stands, and since when. */
export class StateMachine<S extends string> implements Registered {
  /** When it entered its state, in microseconds of simulated time. */
  sinceUs = 0;
  private index: number;
  private readonly name: string;
  private readonly clock: { readonly nowUs: number };
  private readonly states: readonly S[];
  private readonly definition: StateMachineDefinition<S>;

  constructor(
    name: string,
    clock: { readonly nowUs: number },
    definition: StateMachineDefinition<S>,
  ) {
    this.name = name;
    this.clock = clock;
    this.definition = definition;
    this.states = Object.keys(definition.transitions) as S[];
    this.index = this.states.indexOf(definition.initial);
  }

  /** Where it stands. */
  get state(): S {
    return this.states[this.index]!;
  }

  /** Whether it stands there. */
  is(state: S): boolean {
    return this.states[this.index] === state;
  }

  /** Whether the definition allows this move from where it stands. */
  may(state: S): boolean {
    return this.definition.transitions[this.state].includes(state);
  }

  /** Moves to a state. Throws `kernel.transition` when the definition does not allow it. */
  go(state: S): void {
    if (!this.may(state)) {
      throw new KernelError({
        code: "kernel.transition",
        problem: `"${this.name}" may not go from "${this.state}" to "${state}"`,
        remedy: `From "${this.state}" it may go to ${this.definition.transitions[this.state].join(", ") || "nowhere"}`,
        at: this.name,
      });
    }
    this.index = this.states.indexOf(state);
    this.sinceUs = this.clock.nowUs;
  }

  byteLength(): number {
    return 16;
  }

  write(view: DataView, byteOffset: number): void {
    view.setFloat64(byteOffset, this.index, true);
    view.setFloat64(byteOffset + 8, this.sinceUs, true);
  }

  read(view: DataView, byteOffset: number): void {
    const index = view.getFloat64(byteOffset, true);
    if (this.states[index] === undefined) throw new Error(`it is in state ${index}, unknown here`);
    this.index = index;
    this.sinceUs = view.getFloat64(byteOffset + 8, true);
  }
}
