import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Instances } from "./instances.ts";

/** Which instance each calling instance keeps its connections to, so that a server can count who is connected. */
export class ClientPools {
  readonly #instances: Instances;
  readonly #connectedTo: Int32Array;
  readonly #callerEpoch: Int32Array;

  constructor(kernel: Kernel, instances: Instances, name: string) {
    this.#instances = instances;
    this.#connectedTo = kernel.int32Array(`${name}.connected-to`, instances.slotsMax).fill(none);
    this.#callerEpoch = kernel.int32Array(`${name}.connected-epoch`, instances.slotsMax);
  }

  connect(caller: number, instance: number): void {
    this.#connectedTo[caller] = instance;
    this.#callerEpoch[caller] = this.#instances.epoch[caller]!;
  }

  disconnect(caller: number): void {
    this.#connectedTo[caller] = none;
  }

  /** Callers that are connected to an instance and still the ones they were. */
  clientCount(instance: number): number {
    let clients = 0;
    const { slotsTouched } = this.#instances;
    for (let caller = 0; caller < slotsTouched; caller += 1) {
      const isSame = this.#callerEpoch[caller] === this.#instances.epoch[caller];
      if (isSame && this.#connectedTo[caller] === instance) clients += 1;
    }
    return clients;
  }
}
