import { KernelError } from "./kernel-error.ts";
import { timeUsMax } from "./units.ts";

// What the kernel says when it is used wrongly. Apart from the kernel, so that its hot functions stay small.

/** A delay or instant that is in the past, not whole, not a number, or beyond what can be held exactly. */
export function refuseTime(delayUs: number, nowUs: number, handler: string): never {
  throw new KernelError({
    code: "kernel.time",
    problem: `Event "${handler}" was scheduled ${delayUs} us after ${nowUs} us`,
    remedy: `A delay is a whole number of microseconds, 0 or more, and time ends at ${timeUsMax}; round drawn durations with roundUs`,
    at: handler,
  });
}

/** A handler number that no `handler(...)` gave out. */
export function refuseHandler(handler: number, handlerCount: number): never {
  throw new KernelError({
    code: "kernel.handler-unknown",
    problem: `There is no handler ${handler}; ${handlerCount} are named`,
    remedy: "Use the number that kernel.handler(name, run) returned",
  });
}

/** Arguments that are not whole numbers of 32 bits. */
export function refuseArguments(handler: string, values: readonly number[]): never {
  throw new KernelError({
    code: "kernel.event-arguments",
    problem: `Event "${handler}" was given (${values.join(", ")})`,
    remedy:
      "Its arguments are whole numbers of 32 bits; keep anything else in a registered part and pass its index",
    at: handler,
  });
}

/** One event more than may be pending. */
export function refusePending(handler: string, pendingMax: number): never {
  throw new KernelError({
    code: "kernel.pending-max",
    problem: `Event "${handler}" would be pending with ${pendingMax} others`,
    remedy: "Raise pendingMax, or look for a handler that schedules without end",
    at: handler,
  });
}

/** The budget of events is spent. */
export function refuseEvents(eventsMax: number, nowUs: number): never {
  throw new KernelError({
    code: "kernel.events-max",
    problem: `All ${eventsMax} events of the budget have run, at ${nowUs} us`,
    remedy:
      "Raise eventsMax, shorten the run, or look for events that schedule each other without end",
  });
}

/** Chance that nothing decides: assembled from JavaScript, the seed may be missing. */
export function refuseSeed(seed: unknown): never {
  throw new KernelError({
    code: "kernel.seed",
    problem: `The seed is ${String(seed)}`,
    remedy: "Give a text or a number, and write it down: it repeats the run",
  });
}

/** Running to an instant that is past, between two microseconds or not a number. */
export function refuseUntil(untilUs: number, nowUs: number): never {
  throw new KernelError({
    code: "kernel.until",
    problem: `Asked to run until ${untilUs} us although it is ${nowUs} us`,
    remedy: "Give a whole number of microseconds that is not in the past",
  });
}

/** A name used twice, or after the first event. */
export function refuseName(what: string, name: string): never {
  throw new KernelError({
    code: "kernel.name-used",
    problem: `There is already a ${what} named "${name}"`,
    remedy:
      "Give each handler, stream and part a name of its own, such as its component's id and a word",
    at: name,
  });
}

/** Something named after the simulation began. */
export function refuseLateAssembly(what: string, name: string): never {
  throw new KernelError({
    code: "kernel.assembly-over",
    problem: `The ${what} "${name}" was named after the simulation began`,
    remedy:
      "Name everything while the simulation is assembled, so that a snapshot fits every run of it",
    at: name,
  });
}

/** The kernel called from inside an event in a way that only its owner may. */
export function refuseWhileRunning(what: string): never {
  throw new KernelError({
    code: "kernel.running",
    problem: `${what} was called from inside an event`,
    remedy: "Schedule an event instead, or call it between runs",
  });
}
