import { pauseUs } from "../../components/fabric/backoff.ts";
import type { HandlerId, Kernel, KeyedStream } from "../../kernel/kernel.ts";
import type { ConnectionSpec } from "./workload-types.ts";

export interface ConnectionsOptions {
  readonly userCount: number;
  readonly spec: ConnectionSpec;
  /** Sends a log-in of a user; its end comes back through `ended`. */
  readonly logIn: (user: number) => void;
}

/**
 * Connections that users keep open (market data over web sockets). Who loses one logs in anew, and again after a pause
 * for as long as that fails: a closed crowd that only success makes smaller.
 */
export class Connections {
  readonly #kernel: Kernel;
  readonly #options: ConnectionsOptions;
  readonly #isConnected: Uint8Array;
  /** Failed attempts in a row, and draws so far, by user. */
  readonly #failures: Int32Array;
  readonly #draws: Int32Array;
  readonly #counts: Int32Array;
  readonly #pause: KeyedStream;
  readonly #luck: KeyedStream;
  readonly #reconnect: HandlerId;

  constructor(kernel: Kernel, options: ConnectionsOptions) {
    const { userCount } = options;
    this.#kernel = kernel;
    this.#options = options;
    this.#isConnected = kernel.uint8Array("connections.is-connected", userCount).fill(1);
    this.#failures = kernel.int32Array("connections.failures", userCount);
    this.#draws = kernel.int32Array("connections.draws", userCount);
    this.#counts = kernel.int32Array("connections.counts", 2);
    this.#counts[count.connected] = userCount;
    this.#pause = kernel.keyed("connections.pause");
    this.#luck = kernel.keyed("connections.drop");
    this.#reconnect = kernel.handler("connections.reconnect", (user) => options.logIn(user));
  }

  get connectedCount(): number {
    return this.#counts[count.connected]!;
  }

  isConnected(user: number): boolean {
    return this.#isConnected[user] === 1;
  }

  /** A share of all users, 0..1, lose their connections at once. */
  drop(share: number): void {
    const drop = this.#counts[count.drops]! + 1;
    this.#counts[count.drops] = drop;
    for (let user = 0; user < this.#options.userCount; user += 1) {
      if (this.#isConnected[user] === 0 || this.#luck.uniform(user, drop, 0) >= share) continue;
      this.#isConnected[user] = 0;
      this.#counts[count.connected] = this.#counts[count.connected]! - 1;
      this.#failures[user] = 0;
      this.#tryLater(user);
    }
  }

  /** A user's log-in has ended. */
  ended(user: number, succeeded: boolean): void {
    if (succeeded) {
      this.#isConnected[user] = 1;
      this.#counts[count.connected] = this.#counts[count.connected]! + 1;
      return;
    }
    this.#failures[user] = this.#failures[user]! + 1;
    this.#tryLater(user);
  }

  #tryLater(user: number): void {
    const { reconnectMs, backoff } = this.#options.spec;
    const draw = this.#draws[user]!;
    this.#draws[user] = draw + 1;
    const failures = this.#failures[user]!;
    const waitUs = pauseUs(backoff ?? {}, reconnectMs * 1000, failures, this.#pause, user, draw, 0);
    this.#kernel.schedule(waitUs, this.#reconnect, user);
  }
}

/** Cells of `#counts`. */
const count = { connected: 0, drops: 1 } as const;
