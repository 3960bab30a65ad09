import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import { causeOfSilence } from "../fabric/cause-of-silence.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { elasticacheParameters } from "./elasticache-parameters.ts";
import { type NodeGroup, nodeRole, nodeState } from "./node-group.ts";

export interface GroupControlOptions {
  readonly component: number;
  readonly id: string;
  /** Whether a replica is promoted when the primary is lost. */
  readonly multiAz: boolean;
  readonly parameters: ReturnType<typeof elasticacheParameters>;
}

/** What a failover is up to. */
const failoverPhase = { idle: 0, choosing: 1, promoting: 2, publishing: 3 } as const;

/** Numbers of the draws that a failover or a replacement makes. */
const stage = { decide: 0, promote: 1, publish: 2, recreate: 3, resync: 4 } as const;

/**
 * The control plane of a replication group. It knows of its nodes only what its probes tell it.
 *
 *   probes missed -> failure detected -> freshest replica chosen -> promoted -> endpoint updated
 *                                    \-> zone reachable? -> node created empty -> full copy from the primary
 */
export class GroupControl {
  readonly #fabric: Fabric;
  readonly #group: NodeGroup;
  readonly #options: GroupControlOptions;
  readonly #misses: Int32Array;
  /** Whether the wait for a dead zone was logged, by node. */
  readonly #waits: Uint8Array;
  readonly #phase: Uint8Array;
  readonly #frozen: Uint8Array;
  /** Event that the present failover goes back to. */
  readonly #cause: Int32Array;
  readonly #drawCount;
  readonly #lost;
  /** Writes that a node took after the service had made another the primary, by node. */
  readonly #divergent: Float64Array;
  /** Writes of the primary when the copy to a node began, and what copies make of a node's speed, by node. */
  readonly #copyFrom: Float64Array;
  readonly #copySlowness: Float64Array;
  readonly #draw: KeyedStream;
  readonly #probe: HandlerId;
  readonly #choose: HandlerId;
  readonly #promote: HandlerId;
  readonly #publish: HandlerId;
  readonly #created: HandlerId;
  readonly #copied: HandlerId;
  readonly #kinds;

  constructor(fabric: Fabric, group: NodeGroup, options: GroupControlOptions) {
    const { kernel, log } = fabric;
    const { id } = options;
    this.#fabric = fabric;
    this.#group = group;
    this.#options = options;
    this.#misses = kernel.int32Array(`${id}.probe-misses`, group.nodeCount);
    this.#waits = kernel.uint8Array(`${id}.replacement-waits`, group.nodeCount);
    this.#phase = kernel.uint8Array(`${id}.failover-phase`, 1);
    this.#frozen = kernel.uint8Array(`${id}.control-frozen`, 1);
    this.#cause = kernel.int32Array(`${id}.failover-cause`, 1).fill(none);
    this.#drawCount = kernel.counter(`${id}.control-draws`);
    this.#lost = kernel.counter(`${id}.writes-lost`);
    this.#divergent = kernel.float64Array(`${id}.divergent-writes`, group.nodeCount);
    this.#copyFrom = kernel.float64Array(`${id}.copy-from`, group.nodeCount);
    this.#copySlowness = kernel.float64Array(`${id}.copy-slowness`, group.nodeCount).fill(1);
    this.#draw = kernel.keyed(`${id}.control`);
    this.#probe = kernel.handler(`${id}.probe`, () => this.#look());
    this.#choose = kernel.handler(`${id}.choose`, () => this.#chosen());
    this.#promote = kernel.handler(`${id}.promote`, (node) => this.#promoted(node));
    this.#publish = kernel.handler(`${id}.publish`, (node, cause) => this.#published(node, cause));
    this.#created = kernel.handler(`${id}.created`, (node, epoch) =>
      this.#nodeCreated(node, epoch),
    );
    this.#copied = kernel.handler(`${id}.copied`, (node, epoch) => this.#nodeCopied(node, epoch));
    this.#kinds = {
      failureDetected: log.kind("elasticache.failure-detected", "detect"),
      failoverImpossible: log.kind("elasticache.failover-impossible", "decide"),
      replicaChosen: log.kind("elasticache.replica-chosen", "decide"),
      promoted: log.kind("elasticache.replica-promoted", "act"),
      writesLost: log.kind("elasticache.writes-lost", "info"),
      endpointUpdated: log.kind("elasticache.endpoint-updated", "recover"),
      replacementWaits: log.kind("elasticache.replacement-waits-for-zone", "decide"),
      replacementStarted: log.kind("elasticache.replacement-started", "act"),
      nodeCreated: log.kind("elasticache.node-created-empty", "recover"),
      copyAgain: log.kind("elasticache.copy-began-again", "info"),
      replicaCopied: log.kind("elasticache.replica-copied", "recover"),
      nodeReturned: log.kind("elasticache.node-returned", "recover"),
      demoted: log.kind("elasticache.old-primary-demoted", "act"),
    };
  }

  /** Writes that clients were told of and that no node remembers. */
  get lostWrites(): number {
    return this.#lost.value;
  }

  /** A frozen control plane neither notices nor acts; what it had begun goes on when it is freed. */
  setFrozen(frozen: boolean): void {
    this.#frozen[0] = frozen ? 1 : 0;
  }

  start(): void {
    this.#fabric.kernel.schedule(this.#options.parameters.probePeriodUs.value, this.#probe);
  }

  /** A node that takes itself for the primary wrote, although the service has made another the primary. */
  noteDivergentWrite(node: number): void {
    this.#divergent[node] = this.#divergent[node]! + 1;
  }

  #look(): void {
    const group = this.#group;
    if (this.#postponed(this.#probe)) return;
    for (let node = 0; node < group.nodeCount; node += 1) {
      const state = group.state[node]!;
      if (state === nodeState.failed) this.#tendFailed(node);
      else if (state !== nodeState.creating) this.#tendServing(node);
    }
    group.replication.ship();
    this.#weighCopies();
    this.#fabric.kernel.schedule(this.#options.parameters.probePeriodUs.value, this.#probe);
  }

  #tendServing(node: number): void {
    const group = this.#group;
    if (group.answers(node)) {
      this.#misses[node] = 0;
      const isServing = group.state[node] === nodeState.serving;
      if (node !== group.primary && group.role(node) === nodeRole.primary) this.#demote(node);
      else if (isServing && group.replication.needsCopy(node) && node !== group.primary) {
        this.#copyTo(node);
      }
      return;
    }
    this.#misses[node] = this.#misses[node]! + 1;
    if (this.#misses[node]! < this.#options.parameters.probeMissesMax.value) return;
    group.state[node] = nodeState.failed;
    this.#waits[node] = 0;
    const silence = causeOfSilence(this.#fabric, group.instances[node]!);
    const seq = this.#log(this.#kinds.failureDetected, node, silence);
    this.#setCause(node, seq);
    if (node === group.primary) this.#startFailover(seq);
  }

  #tendFailed(node: number): void {
    const group = this.#group;
    const { instances, zones } = this.#fabric;
    if (node === group.primary && this.#phase[0] !== failoverPhase.idle) return;
    if (group.answers(node)) {
      group.state[node] = nodeState.serving;
      this.#misses[node] = 0;
      this.#setCause(node, this.#log(this.#kinds.nodeReturned, node, this.#causeOf(node)));
      if (node !== group.primary && group.role(node) === nodeRole.primary) this.#demote(node);
      else if (node !== group.primary) this.#copyTo(node);
      return;
    }
    if (node === group.primary && this.#freshest() !== none && this.#options.multiAz) {
      this.#startFailover(this.#causeOf(node));
      return;
    }
    if (!zones.inMajority(group.zones[node]!)) {
      if (this.#waits[node] === 1) return;
      this.#waits[node] = 1;
      this.#setCause(node, this.#log(this.#kinds.replacementWaits, node, this.#causeOf(node)));
      return;
    }
    const instance = group.instances[node]!;
    // A hung process is taken off its host before the new one starts.
    this.#fabric.calls.failInstance(instance, "crash");
    instances.column.status[instance] = status.starting;
    group.state[node] = nodeState.creating;
    this.#setCause(node, this.#log(this.#kinds.replacementStarted, node, this.#causeOf(node)));
    const { recreateUsLow, recreateUsHigh } = this.#options.parameters;
    const delayUs = this.#between(recreateUsLow.value, recreateUsHigh.value, stage.recreate);
    this.#fabric.kernel.schedule(delayUs, this.#created, node, instances.epoch[instance]!);
  }

  #startFailover(cause: number): void {
    const { multiAz, parameters } = this.#options;
    if (!multiAz || this.#freshest() === none) {
      this.#setCause(
        this.#group.primary,
        this.#log(this.#kinds.failoverImpossible, this.#group.primary, cause),
      );
      return;
    }
    this.#phase[0] = failoverPhase.choosing;
    this.#cause[0] = cause;
    const delayUs = this.#between(
      parameters.decideUsLow.value,
      parameters.decideUsHigh.value,
      stage.decide,
    );
    this.#fabric.kernel.schedule(delayUs, this.#choose);
  }

  #chosen(): void {
    if (this.#postponed(this.#choose)) return;
    const node = this.#freshest();
    if (node === none) {
      this.#phase[0] = failoverPhase.idle;
      return;
    }
    this.#phase[0] = failoverPhase.promoting;
    this.#cause[0] = this.#log(this.#kinds.replicaChosen, node, this.#cause[0]!);
    const { promoteUsLow, promoteUsHigh } = this.#options.parameters;
    const delayUs = this.#between(promoteUsLow.value, promoteUsHigh.value, stage.promote);
    this.#fabric.kernel.schedule(delayUs, this.#promote, node);
  }

  #promoted(node: number): void {
    if (this.#postponed(this.#promote, node)) return;
    const group = this.#group;
    if (!group.answers(node) || group.state[node] !== nodeState.serving) {
      // The chosen one has died meanwhile: choose again, if there is another.
      this.#phase[0] = failoverPhase.idle;
      this.#startFailover(this.#cause[0]!);
      return;
    }
    const former = group.primary;
    const lost = group.replication.promote(node);
    group.setPrimary(node);
    const seq = this.#log(this.#kinds.promoted, node, this.#cause[0]!);
    this.#setCause(node, seq);
    this.#countLost(node, lost, seq);
    for (let other = 0; other < group.nodeCount; other += 1) {
      const isFollower = other !== node && other !== former;
      if (isFollower && group.state[other] === nodeState.serving) this.#copyTo(other);
    }
    this.#phase[0] = failoverPhase.publishing;
    const { publishUsLow, publishUsHigh } = this.#options.parameters;
    const delayUs = this.#between(publishUsLow.value, publishUsHigh.value, stage.publish);
    this.#fabric.kernel.schedule(delayUs, this.#publish, node, seq);
  }

  #published(node: number, cause: number): void {
    if (this.#postponed(this.#publish, node, cause)) return;
    const group = this.#group;
    this.#phase[0] = failoverPhase.idle;
    this.#fabric.names.publish(group.record, [group.instances[node]!]);
    this.#setCause(node, this.#log(this.#kinds.endpointUpdated, node, cause));
  }

  #nodeCreated(node: number, epoch: number): void {
    if (this.#postponed(this.#created, node, epoch)) return;
    const group = this.#group;
    const { instances, names } = this.#fabric;
    const instance = group.instances[node]!;
    if (instances.epoch[instance] !== epoch) {
      group.state[node] = nodeState.failed;
      return;
    }
    instances.column.status[instance] = status.up;
    group.keys.clear(node);
    this.#misses[node] = 0;
    this.#divergent[node] = 0;
    this.#setCause(node, this.#log(this.#kinds.nodeCreated, node, this.#causeOf(node)));
    if (node !== group.primary) {
      group.setRole(node, nodeRole.replica);
      this.#copyTo(node);
      return;
    }
    group.state[node] = nodeState.serving;
    group.setRole(node, nodeRole.primary);
    group.replication.caughtUp(node);
    names.publish(group.record, [instance]);
    for (let other = 0; other < group.nodeCount; other += 1) {
      if (other !== node && group.state[other] === nodeState.serving) this.#copyTo(other);
    }
  }

  /** A node that was cut off takes itself for the primary no longer; what it wrote meanwhile is lost. */
  #demote(node: number): void {
    const seq = this.#log(this.#kinds.demoted, node, this.#causeOf(node));
    this.#group.setRole(node, nodeRole.replica);
    this.#fabric.calls.evict(this.#group.instances[node]!, true);
    this.#countLost(node, this.#divergent[node]!, seq);
    this.#divergent[node] = 0;
    this.#setCause(node, seq);
    this.#copyTo(node);
  }

  #copyTo(node: number): void {
    this.#group.state[node] = nodeState.copying;
    this.#copyFrom[node] = this.#group.replication.written;
    this.#weighCopies();
    const { resyncUsLow, resyncUsHigh } = this.#options.parameters;
    const delayUs = this.#between(resyncUsLow.value, resyncUsHigh.value, stage.resync);
    const epoch = this.#fabric.instances.epoch[this.#group.instances[node]!]!;
    this.#fabric.kernel.schedule(delayUs, this.#copied, node, epoch);
  }

  #nodeCopied(node: number, epoch: number): void {
    const group = this.#group;
    if (group.state[node] !== nodeState.copying) return;
    if (this.#fabric.instances.epoch[group.instances[node]!] !== epoch) return;
    if (!group.answers(group.primary)) {
      this.#copyTo(node);
      return;
    }
    const buffered = group.replication.written - this.#copyFrom[node]!;
    if (buffered > this.#options.parameters.copyBufferWrites.value) {
      this.#log(this.#kinds.copyAgain, node, this.#causeOf(node), buffered);
      this.#copyTo(node);
      return;
    }
    group.keys.copy(group.primary, node);
    group.replication.caughtUp(node);
    group.state[node] = nodeState.serving;
    this.#weighCopies();
    this.#log(this.#kinds.replicaCopied, node, this.#causeOf(node));
  }

  /** Copies that are under way take their part of the primary's thread. */
  #weighCopies(): void {
    const group = this.#group;
    const share = this.#options.parameters.copyLoadShare.value;
    if (share === 0) return;
    let slowness = 1;
    for (let node = 0; node < group.nodeCount; node += 1) {
      if (group.state[node] === nodeState.copying) slowness /= 1 - share;
    }
    const { slowFactor } = this.#fabric.instances.column;
    for (let node = 0; node < group.nodeCount; node += 1) {
      const instance = group.instances[node]!;
      const now = node === group.primary ? slowness : 1;
      slowFactor[instance] = (slowFactor[instance]! * now) / this.#copySlowness[node]!;
      this.#copySlowness[node] = now;
    }
  }

  /** The replica that has applied most, of those that answer and hold a full copy; the first of equals. */
  #freshest(): number {
    const group = this.#group;
    let best = none;
    for (let node = 0; node < group.nodeCount; node += 1) {
      if (node === group.primary || group.state[node] !== nodeState.serving) continue;
      if (!group.answers(node)) continue;
      if (best === none || group.replication.lag(node) < group.replication.lag(best)) best = node;
    }
    return best;
  }

  #countLost(node: number, writes: number, cause: number): void {
    if (writes <= 0) return;
    this.#lost.add(writes);
    this.#log(this.#kinds.writesLost, node, cause, writes);
  }

  /** Puts a step off for as long as the control plane is frozen. */
  #postponed(step: HandlerId, a = 0, b = 0): boolean {
    if (this.#frozen[0] === 0) return false;
    this.#fabric.kernel.schedule(this.#options.parameters.probePeriodUs.value, step, a, b);
    return true;
  }

  #between(lowUs: number, highUs: number, what: number): number {
    this.#drawCount.add(1);
    const u = this.#draw.uniform(this.#drawCount.value, what, 0);
    return Math.round(lowUs + u * (highUs - lowUs));
  }

  #causeOf(node: number): number {
    return this.#fabric.instances.column.causeSeq[this.#group.instances[node]!]!;
  }

  #setCause(node: number, seq: number): void {
    this.#fabric.instances.column.causeSeq[this.#group.instances[node]!] = seq;
  }

  #log(kind: number, node: number, cause: number, value = 0): number {
    const group = this.#group;
    const place = {
      component: this.#options.component,
      instance: group.instances[node]!,
      zone: group.zones[node]!,
    };
    return this.#fabric.log.append(kind, place, cause, value);
  }
}
