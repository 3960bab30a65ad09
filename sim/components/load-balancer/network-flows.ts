import type { Counter } from "../../kernel/containers/counter.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { FrameNotes } from "../fabric/frame-notes.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { type FlowOwner, FlowTable, flowState, flowsMax } from "./flow-table.ts";
import type { NetworkBalancerValues } from "./load-balancer-parameters.ts";
import {
  type BalancerTargets,
  NetworkTargets,
  type NetworkTargetsOptions,
} from "./network-targets.ts";

export interface NetworkFlowsOptions extends NetworkTargetsOptions {
  readonly values: NetworkBalancerValues;
  readonly draw: KeyedStream;
}

/** The balancer that the connections go through, as far as they have to do with it. */
export interface NetworkBalancer extends BalancerTargets {
  /** Calls that went nowhere, as there was no target at all. */
  readonly noTarget: Counter;
}

/**
 * What is a Network Load Balancer's own: it passes on connections and not requests.
 *
 *   caller's connection -> node from DNS (once) -> target by hash (once) -> every request on it goes there
 *
 * A client has one connection to a service, an instance that calls a pool of them (`connectionsPerCaller`), on which its
 * calls take turns. A connection lasts until its caller has been silent on it for `callerKeepAliveUs`, until a call on it has
 * waited in vain for as long as its caller waits, until its target ends, or until the balancer breaks it: because it was
 * silent too long, or because its target has become unhealthy. The caller learns of a break by a reset of the next thing
 * that it sends; there are no answers of the balancer's own.
 */
export class NetworkFlows {
  readonly table: FlowTable;
  readonly targets: NetworkTargets;
  readonly newFlows: Counter;
  /** Connections ended by each side: the target (or the host of one that is gone), the caller, the balancer. */
  readonly targetResets: Counter;
  readonly clientResets: Counter;
  readonly balancerResets: Counter;
  /** Connections open, times seconds: what capacity units are counted by. */
  readonly openSeconds: Counter;
  readonly #fabric: Fabric;
  readonly #balancer: NetworkBalancer;
  readonly #options: NetworkFlowsOptions;
  /** Connection that a call came on, from the choice of a node on: row, and the port that says whether it is still that one. */
  readonly #flowOfFrame: FrameNotes;
  /** Service that the first call behind the balancer goes to, by site. Assembly only. */
  #serviceAtBySite = new Int32Array(0);

  constructor(fabric: Fabric, balancer: NetworkBalancer, options: NetworkFlowsOptions) {
    const { kernel } = fabric;
    const { id } = options.spec;
    this.#fabric = fabric;
    this.#balancer = balancer;
    this.#options = options;
    this.table = new FlowTable(kernel, id);
    this.targets = new NetworkTargets(fabric, balancer, options);
    this.newFlows = kernel.counter(`${id}.flow.new`);
    this.targetResets = kernel.counter(`${id}.flow.target-resets`);
    this.clientResets = kernel.counter(`${id}.flow.client-resets`);
    this.balancerResets = kernel.counter(`${id}.flow.balancer-resets`);
    this.openSeconds = kernel.counter(`${id}.flow.open-seconds`);
    this.#flowOfFrame = new FrameNotes(kernel, `${id}.flow.of-frame`);
  }

  start(): void {
    const { sites } = this.#fabric;
    this.#serviceAtBySite = Int32Array.from(sites, ({ firstCall }) =>
      firstCall === none ? none : this.#balancer.targets.serviceAt(sites[firstCall]!.component),
    );
  }

  /** Microseconds until a target's checks begin: none for one that was there from the beginning. */
  registrationUs(alreadyHealthy: boolean): number {
    return alreadyHealthy ? 0 : this.#options.values.registrationUs;
  }

  // --- Calls --------------------------------------------------------------------------------------------------

  /** Node that a call goes to: that of its caller's connection, or of a new one to the node that `choose` finds. */
  route(callerInstance: number, frame: number, choose: () => number): number {
    const { calls, kernel, sites } = this.#fabric;
    const owner = this.#ownerOf(callerInstance, frame);
    let row = this.table.find(owner);
    if (row !== none && this.#isGivenUp(row)) {
      this.table.close(row);
      row = none;
    }
    if (row === none) row = this.table.open(owner, choose(), kernel.nowUs);
    if (this.table.givesUpUs[row] === 0) {
      this.table.givesUpUs[row] = kernel.nowUs + sites[calls.siteOf(frame)]!.timeoutUs;
    }
    this.#flowOfFrame.set(frame, noteOf(row, this.table.port[row]!));
    return this.#balancer.nodes[this.table.node[row]!]!;
  }

  /** A call has reached its node: the connection is reset, or goes on to its target. */
  admit(frame: number): number {
    const { kernel } = this.#fabric;
    const row = this.#rowOf(frame);
    if (row === none || this.#isBroken(row)) return this.#reset(row);
    const node = this.table.node[row]!;
    if (this.table.target[row] === none) {
      const target = this.targets.choose(node, this.table.serviceAtOf(row), this.#hashOf(row));
      if (target === none) {
        this.#balancer.noTarget.add(1);
        return this.#reset(row);
      }
      this.table.target[row] = target;
      this.newFlows.add(1);
    }
    this.table.lastUs[row] = kernel.nowUs;
    return outcome.ok;
  }

  /** Target for a call that a node passes on: that of the connection. A second service behind one call is found by its hash. */
  targetFor(node: number, serviceAt: number, parent: number): number {
    const row = this.#rowOf(parent);
    const isOwn = row !== none && this.table.serviceAtOf(row) === serviceAt;
    const target = isOwn ? this.table.target[row]! : none;
    if (target !== none && !this.#balancer.targets.isFree(target)) return target;
    return this.targets.choose(node, serviceAt, row === none ? 0 : this.#hashOf(row));
  }

  /** Something goes back on the connection of a call. */
  answering(frame: number, result: number): void {
    const row = this.#rowOf(frame);
    if (row === none) return;
    if (result === outcome.connectionRefused) {
      this.targetResets.add(1);
      this.table.close(row);
    } else if (result === outcome.timedOut) {
      this.clientResets.add(1);
      this.table.close(row);
    } else {
      this.table.lastUs[row] = this.#fabric.kernel.nowUs;
      this.table.givesUpUs[row] = 0;
    }
  }

  // --- What ends connections ----------------------------------------------------------------------------------

  /** A target is no longer there. A process that ends closes its connections; of a dark host nobody hears. */
  targetGone(target: number): void {
    const { column } = this.#fabric.instances;
    const isDark = column.status[this.#balancer.targets.instance[target]!] === status.dark;
    this.#each(
      (row) => this.table.target[row] === target,
      (row) => (isDark ? this.table.break(row) : this.table.close(row)),
    );
  }

  /** A node comes back without the connections that it had. */
  nodeReturned(node: number): void {
    this.#each(
      (row) => this.table.node[row] === node,
      (row) => this.table.break(row),
    );
  }

  /** Connections to a target on which something was sent or answered within the time that one is kept. */
  openTo(target: number): number {
    let openCount = 0;
    for (let row = 0; row < flowsMax; row += 1) {
      if (this.table.state[row] !== flowState.open || this.table.target[row] !== target) continue;
      if (this.#silentUs(row) < this.#keptUs) openCount += 1;
    }
    return openCount;
  }

  /** Ends what has been silent too long, and counts what is open for as long as passes until the next look. */
  lookAtSilent(untilNextUs: number): void {
    const { callerKeepAliveUs, idleTimeoutUs } = this.#options.values;
    this.#each(
      (row) => this.#silentUs(row) >= this.#keptUs && this.table.givesUpUs[row] === 0,
      (row) => {
        if (callerKeepAliveUs <= idleTimeoutUs) this.table.close(row);
        else this.table.break(row);
      },
    );
    this.openSeconds.add((this.table.openCount * untilNextUs) / 1_000_000);
  }

  get #keptUs(): number {
    const { callerKeepAliveUs, idleTimeoutUs } = this.#options.values;
    return Math.min(callerKeepAliveUs, idleTimeoutUs);
  }

  #each(matches: (row: number) => boolean, act: (row: number) => void): void {
    for (let row = 0; row < flowsMax; row += 1) {
      if (this.table.state[row] === flowState.open && matches(row)) act(row);
    }
  }

  /** Whether the caller knows that its connection is no use: it waits in vain, was silent for long, or saw the target end. */
  #isGivenUp(row: number): boolean {
    const givesUpUs = this.table.givesUpUs[row]!;
    if (givesUpUs !== 0 && this.#fabric.kernel.nowUs >= givesUpUs) {
      this.clientResets.add(1);
      return true;
    }
    if (this.#silentUs(row) >= this.#options.values.callerKeepAliveUs) return true;
    const target = this.table.target[row]!;
    if (target === none || this.table.state[row] === flowState.broken) return false;
    const instance = this.#balancer.targets.instance[target]!;
    return this.#fabric.instances.column.status[instance] === status.crashed;
  }

  /** Whether the node knows the connection no more, or breaks it with what has just come in. */
  #isBroken(row: number): boolean {
    if (this.table.state[row] === flowState.broken) return true;
    const target = this.table.target[row]!;
    if (target === none) return false;
    if (this.#silentUs(row) >= this.#options.values.idleTimeoutUs) return true;
    return this.targets.breaksFlows(this.table.node[row]!, this.table.serviceAtOf(row), target);
  }

  #reset(row: number): number {
    this.balancerResets.add(1);
    if (row !== none) this.table.close(row);
    return outcome.connectionRefused;
  }

  #silentUs(row: number): number {
    return this.#fabric.kernel.nowUs - this.table.lastUs[row]!;
  }

  #ownerOf(caller: number, frame: number): FlowOwner {
    const { calls, requests } = this.#fabric;
    const lane =
      caller === none
        ? requests.column.user[calls.dataOf(frame)]!
        : (calls.keyOf(frame) & 0x7fffffff) % this.#options.values.connectionsPerCaller;
    return { caller, lane, serviceAt: this.#serviceAtBySite[calls.siteOf(frame)]! };
  }

  /** What a connection is hashed by, 0..1: who called, on which of its connections, from which port. */
  #hashOf(row: number): number {
    const { table } = this;
    return this.#options.draw.uniform(
      table.callerOf(row),
      table.laneOf(row),
      table.port[row]! * 8 + table.serviceAtOf(row),
    );
  }

  /** Row of the connection that a call came on, `none` once that has ended. */
  #rowOf(frame: number): number {
    const note = this.#flowOfFrame.get(frame);
    const row = note & (flowsMax - 1);
    if (this.table.state[row] === flowState.closed) return none;
    return note === noteOf(row, this.table.port[row]!) ? row : none;
  }
}

function noteOf(row: number, port: number): number {
  return port * flowsMax + row;
}
