/** A bug of ours: a condition that the program itself promised did not hold. */
class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

/** Stops the run when a promise of our own is broken; a lazy message costs nothing while all is well. */
export function assert(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new AssertionFailure(typeof message === "string" ? message : message());
}

/** Closes a `switch` over a tagged union: a new variant will not compile until it is handled. */
export function assertNever(value: never, what: string): never {
  throw new AssertionFailure(`Unknown ${what}: ${JSON.stringify(value)}`);
}
