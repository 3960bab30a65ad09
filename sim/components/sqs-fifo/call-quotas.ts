import type { Kernel } from "../../kernel/kernel.ts";
import { partitionWithin } from "../fabric/partition-law.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";

export interface CallQuotaOptions {
  readonly id: string;
  /** Calls a second for each action, of the queue or of one partition. */
  readonly callsPerSecond: number;
  /** Partitions of the queue; 1 in plain mode. */
  readonly partitionCount: number;
}

/**
 * Calls that a FIFO queue grants, by action. In high-throughput mode every partition has the rate of a plain queue, and a
 * message group lies in one partition: a hot group gets no more than its partition, however idle the others are. A batch
 * is a call to each partition that it has messages for, which is why senders are told to batch by group. Which partitions
 * a receive or a delete touches is the service's choice: they share the sum.
 */
export class CallQuotas {
  readonly #sends: readonly TokenBucket[];
  readonly #receives: TokenBucket;
  readonly #deletes: TokenBucket;
  /** What each partition has said to the call that is being judged; no state between calls. */
  readonly #answers: Uint8Array;

  constructor(kernel: Kernel, { id, callsPerSecond, partitionCount }: CallQuotaOptions) {
    const bucket = (name: string, ratePerSecond: number) =>
      new TokenBucket(kernel, name, { ratePerSecond, burst: ratePerSecond });
    this.#sends = Array.from({ length: partitionCount }, (_, partition) =>
      bucket(partitionCount === 1 ? `${id}.send` : `${id}.send-${partition}`, callsPerSecond),
    );
    this.#receives = bucket(`${id}.receive`, callsPerSecond * partitionCount);
    this.#deletes = bucket(`${id}.delete`, callsPerSecond * partitionCount);
    this.#answers = new Uint8Array(partitionCount);
  }

  /** A send begins; `grantsSend` then judges its messages. */
  beginSend(): void {
    this.#answers.fill(answer.open);
  }

  /** Whether the send that has begun may carry a message of a group: the first of each partition takes a call from it. */
  grantsSend(group: number): boolean {
    const count = this.#sends.length;
    const partition = count === 1 ? 0 : partitionWithin("item", group, count);
    if (this.#answers[partition] === answer.open) {
      this.#answers[partition] = this.#sends[partition]!.take(1) ? answer.granted : answer.refused;
    }
    return this.#answers[partition] === answer.granted;
  }

  /** Partitions that granted the send that has begun, or refused it. */
  countSend(granted: boolean): number {
    const wanted = granted ? answer.granted : answer.refused;
    let count = 0;
    for (const each of this.#answers) if (each === wanted) count += 1;
    return count;
  }

  takeReceive(): boolean {
    return this.#receives.take(1);
  }

  takeDelete(): boolean {
    return this.#deletes.take(1);
  }

  /** Leaves a share of every quota, 0..1. */
  setShare(share: number): void {
    for (const bucket of [...this.#sends, this.#receives, this.#deletes]) bucket.setShare(share);
  }
}

const answer = { open: 0, granted: 1, refused: 2 } as const;
