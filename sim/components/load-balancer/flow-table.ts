import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/** Most connections that a balancer keeps track of; the one that was silent longest makes room for the next. */
export const flowsMax = 32_768;

/** Connections that share a place of the table: as many as are looked through for one. */
const ways = 8;

/** What a connection is: not there, usable, or ended without its caller knowing, who learns it with the next packet. */
export const flowState = { closed: 0, open: 1, broken: 2 } as const;

/** Who holds a connection: the instance that calls (`none` for a client), which of its connections, and to which service. */
export interface FlowOwner {
  readonly caller: number;
  readonly lane: number;
  readonly serviceAt: number;
}

/** The connections through a Network Load Balancer, each with the node and the target that it was given when it began. */
export class FlowTable {
  readonly state: Uint8Array;
  readonly node: Int32Array;
  /** Target that the connection was given, `none` until its first packet has reached the node. */
  readonly target: Int32Array;
  /** When something was last sent or answered. */
  readonly lastUs: Float64Array;
  /** When the caller gives the connection up, unless something is answered before; 0 when it awaits nothing. */
  readonly givesUpUs: Float64Array;
  /** Which of the balancer's connections it is, in the order in which they began, in 16 bits: the port it comes from. */
  readonly port: Int32Array;
  readonly #open: Int32Array;
  readonly #caller: Int32Array;
  readonly #lane: Int32Array;
  readonly #serviceAt: Int32Array;
  readonly #ports: Int32Array;

  constructor(kernel: Kernel, id: string) {
    this.state = kernel.uint8Array(`${id}.flow.state`, flowsMax);
    this.node = kernel.int32Array(`${id}.flow.node`, flowsMax);
    this.target = kernel.int32Array(`${id}.flow.target`, flowsMax);
    this.lastUs = kernel.float64Array(`${id}.flow.last-us`, flowsMax);
    this.givesUpUs = kernel.float64Array(`${id}.flow.gives-up-us`, flowsMax);
    this.port = kernel.int32Array(`${id}.flow.port`, flowsMax);
    this.#open = kernel.int32Array(`${id}.flow.open`, 1);
    this.#caller = kernel.int32Array(`${id}.flow.caller`, flowsMax);
    this.#lane = kernel.int32Array(`${id}.flow.lane`, flowsMax);
    this.#serviceAt = kernel.int32Array(`${id}.flow.service`, flowsMax);
    this.#ports = kernel.int32Array(`${id}.flow.ports`, 1);
  }

  /** Connections that are open. */
  get openCount(): number {
    return this.#open[0]!;
  }

  /** Row of an owner's connection, or `none`. */
  find(owner: FlowOwner): number {
    const first = firstWay(owner);
    for (let row = first; row < first + ways; row += 1) {
      if (this.state[row] === flowState.closed) continue;
      if (this.#caller[row] !== owner.caller || this.#lane[row] !== owner.lane) continue;
      if (this.#serviceAt[row] === owner.serviceAt) return row;
    }
    return none;
  }

  /** An owner without a connection begins one through a node; no target is chosen yet. */
  open(owner: FlowOwner, node: number, nowUs: number): number {
    const first = firstWay(owner);
    let row = first;
    for (let way = first; way < first + ways; way += 1) {
      if (this.state[way] === flowState.closed) {
        row = way;
        break;
      }
      if (this.lastUs[way]! < this.lastUs[row]!) row = way;
    }
    this.close(row);
    this.#ports[0] = (this.#ports[0]! + 1) & 0xffff;
    this.state[row] = flowState.open;
    this.node[row] = node;
    this.target[row] = none;
    this.lastUs[row] = nowUs;
    this.givesUpUs[row] = 0;
    this.port[row] = this.#ports[0]!;
    this.#caller[row] = owner.caller;
    this.#lane[row] = owner.lane;
    this.#serviceAt[row] = owner.serviceAt;
    this.#open[0] = this.#open[0]! + 1;
    return row;
  }

  /** Both sides know that the connection has ended. */
  close(row: number): void {
    if (this.state[row] === flowState.open) this.#open[0] = this.#open[0]! - 1;
    this.state[row] = flowState.closed;
  }

  /** The balancer knows the connection no more, and its caller does not know. */
  break(row: number): void {
    if (this.state[row] === flowState.open) this.#open[0] = this.#open[0]! - 1;
    this.state[row] = flowState.broken;
  }

  callerOf(row: number): number {
    return this.#caller[row]!;
  }

  laneOf(row: number): number {
    return this.#lane[row]!;
  }

  serviceAtOf(row: number): number {
    return this.#serviceAt[row]!;
  }
}

function firstWay({ caller, lane, serviceAt }: FlowOwner): number {
  let hash = Math.imul(caller + 1, 0x7feb352d) ^ Math.imul(lane + 1, 0x31848bab);
  hash = Math.imul(hash ^ (hash >>> 15) ^ serviceAt, 0x2c1b3c6d);
  return ((hash ^ (hash >>> 16)) & (flowsMax / ways - 1)) * ways;
}
