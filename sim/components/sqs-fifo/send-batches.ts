import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";

export interface SendBatchesOptions {
  readonly id: string;
  /** Microseconds a sender waits for more messages before it sends what it has. */
  readonly lingerUs: number;
  readonly batchMax: number;
}

/**
 * The sending side of the queue's client library: each caller instance gathers its messages for a moment and sends
 * them as one API call. What a dying caller had gathered dies with it.
 */
export class SendBatches {
  readonly #fabric: Fabric;
  readonly #options: SendBatchesOptions;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #count: Int32Array;
  readonly #epoch: Int32Array;
  readonly #serial: Int32Array;
  readonly #linger: HandlerId;
  readonly #send: (first: number, callerInstance: number, serial: number) => void;

  constructor(
    fabric: Fabric,
    options: SendBatchesOptions,
    send: (first: number, callerInstance: number, serial: number) => void,
  ) {
    const { kernel, instances } = fabric;
    const { slotsMax } = instances;
    this.#fabric = fabric;
    this.#options = options;
    this.#send = send;
    this.#first = kernel.int32Array(`${options.id}.batch-first`, slotsMax).fill(none);
    this.#last = kernel.int32Array(`${options.id}.batch-last`, slotsMax).fill(none);
    this.#count = kernel.int32Array(`${options.id}.batch-count`, slotsMax);
    this.#epoch = kernel.int32Array(`${options.id}.batch-epoch`, slotsMax);
    this.#serial = kernel.int32Array(`${options.id}.batch-serial`, slotsMax);
    this.#linger = kernel.handler(`${options.id}.linger`, (callerInstance, serial) => {
      if (this.#serial[callerInstance] === serial) this.#flush(callerInstance);
    });
  }

  /** Puts a frame into its caller's batch; the batch leaves when it is full or has lingered. */
  add(frame: number, callerInstance: number): void {
    const { kernel, calls, instances } = this.#fabric;
    if (this.#epoch[callerInstance] !== instances.epoch[callerInstance])
      this.#discard(callerInstance);
    calls.setNextWaiting(frame, none);
    const last = this.#last[callerInstance]!;
    if (last === none) {
      this.#first[callerInstance] = frame;
      kernel.schedule(
        this.#options.lingerUs,
        this.#linger,
        callerInstance,
        this.#serial[callerInstance]!,
      );
    } else calls.setNextWaiting(last, frame);
    this.#last[callerInstance] = frame;
    this.#count[callerInstance] = this.#count[callerInstance]! + 1;
    if (this.#count[callerInstance]! >= this.#options.batchMax) this.#flush(callerInstance);
  }

  #flush(callerInstance: number): void {
    if (this.#epoch[callerInstance] !== this.#fabric.instances.epoch[callerInstance]) {
      this.#discard(callerInstance);
      return;
    }
    const first = this.#first[callerInstance]!;
    const serial = this.#serial[callerInstance]!;
    this.#clear(callerInstance);
    if (first !== none) this.#send(first, callerInstance, serial);
  }

  /** The caller that gathered these died: the messages never left it. */
  #discard(callerInstance: number): void {
    const { calls, instances } = this.#fabric;
    let frame = this.#first[callerInstance]!;
    this.#clear(callerInstance);
    this.#epoch[callerInstance] = instances.epoch[callerInstance]!;
    while (frame !== none) {
      const next = calls.nextWaitingOf(frame);
      calls.dropIntercepted(frame);
      frame = next;
    }
  }

  #clear(callerInstance: number): void {
    this.#first[callerInstance] = none;
    this.#last[callerInstance] = none;
    this.#count[callerInstance] = 0;
    this.#serial[callerInstance] = (this.#serial[callerInstance]! + 1) | 0;
  }
}
