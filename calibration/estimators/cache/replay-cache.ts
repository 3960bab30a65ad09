/** A trace of keys replayed through a cache of a size in bytes (or objects), under the policy that it runs. */

export type CachePolicy = "lru" | "fifo" | "clock";

export interface KeyTrace {
  /** Keys as dense numbers, in order of time. */
  readonly keys: Int32Array;
  /** Size of each request's object; all 1 where the trace has none. */
  readonly sizes: Float64Array;
  readonly keyCount: number;
}

export interface ReplayResult {
  readonly requests: number;
  readonly misses: number;
  /** Misses of keys never seen before, which no cache can avoid. */
  readonly compulsory: number;
  readonly bytesRequested: number;
  readonly bytesMissed: number;
  /** Requests until something had to leave; `null` when nothing ever did. */
  readonly firstEvictionAt: number | null;
  /** One a request: 1 where it missed. */
  readonly missed: Uint8Array;
}

const absent = -1;

/**
 * The queue is one doubly linked list: new objects enter at its head, victims leave at its tail. LRU moves a hit
 * object to the head; Clock marks it, and spares a marked victim once; FIFO does neither. An object keeps the size with
 * which it entered, whatever size later hits state; one larger than the cache never enters.
 */
export function replayCache(trace: KeyTrace, capacity: number, policy: CachePolicy): ReplayResult {
  const { keys, sizes, keyCount } = trace;
  const held = new Float64Array(keyCount).fill(absent);
  const newer = new Int32Array(keyCount + 1);
  const older = new Int32Array(keyCount + 1);
  const marked = new Uint8Array(keyCount);
  const seen = new Uint8Array(keyCount);
  const missed = new Uint8Array(keys.length);
  const anchor = keyCount;
  newer[anchor] = anchor;
  older[anchor] = anchor;
  let used = 0;
  let misses = 0;
  let compulsory = 0;
  let bytesRequested = 0;
  let bytesMissed = 0;
  let firstEvictionAt: number | null = null;

  function unlink(key: number): void {
    older[newer[key]!] = older[key]!;
    newer[older[key]!] = newer[key]!;
  }
  function enterHead(key: number): void {
    const head = older[anchor]!;
    older[anchor] = key;
    newer[key] = anchor;
    older[key] = head;
    newer[head] = key;
  }
  function evictOne(): void {
    let victim = newer[anchor]!;
    while (policy === "clock" && marked[victim] === 1) {
      marked[victim] = 0;
      unlink(victim);
      enterHead(victim);
      victim = newer[anchor]!;
    }
    unlink(victim);
    used -= held[victim]!;
    held[victim] = absent;
  }

  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i]!;
    const size = sizes[i]!;
    bytesRequested += size;
    const isHit = held[key] !== absent;
    if (isHit) {
      if (policy === "lru") {
        unlink(key);
        enterHead(key);
      }
      marked[key] = 1;
    } else {
      misses += 1;
      bytesMissed += size;
      missed[i] = 1;
      if (seen[key] === 0) compulsory += 1;
      seen[key] = 1;
      if (size > capacity) continue;
      held[key] = size;
      marked[key] = 0;
      while (used + size > capacity) {
        firstEvictionAt ??= i;
        // The new object is not in the list yet, so it cannot be its own victim.
        evictOne();
      }
      used += size;
      enterHead(key);
    }
  }
  return {
    requests: keys.length,
    misses,
    compulsory,
    bytesRequested,
    bytesMissed,
    firstEvictionAt,
    missed,
  };
}
