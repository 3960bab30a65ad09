/** Work that may wait a frame: all charts drawn at once would hold the page up. */
const waiting = new Map<object, () => void>();

/** Does one piece of work a frame, in the order in which it was asked for; of one owner only the latest. */
export function inTurn(owner: object, work: () => void): void {
  if (waiting.size === 0) requestAnimationFrame(next);
  waiting.set(owner, work);
}

/** Resolves with the first frame in which nothing waits for its turn. */
export async function everyTurnTaken(): Promise<void> {
  do await new Promise((resolve) => requestAnimationFrame(resolve));
  while (waiting.size > 0);
}

function next(): void {
  const [first] = waiting;
  if (first === undefined) return;
  const [owner, work] = first;
  waiting.delete(owner);
  if (waiting.size > 0) requestAnimationFrame(next);
  work();
}
