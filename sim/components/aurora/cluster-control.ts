import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import { causeOfSilence } from "../fabric/cause-of-silence.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { GroupParameters } from "./aurora-parameters.ts";
import type { Commits } from "./commits.ts";
import { type DatabaseGroup, databaseRole, databaseState } from "./database-group.ts";

export interface ClusterControlOptions {
  readonly component: number;
  readonly id: string;
  readonly parameters: GroupParameters;
  readonly commits: Commits;
  /** Called whenever the control plane looks at its instances. */
  readonly looked: () => void;
}

/** What a failover is up to. */
const failoverPhase = { idle: 0, deciding: 1, promoting: 2, publishing: 3 } as const;

/** Numbers of the draws that a failover or a restart makes. */
const stage = { decide: 0, promote: 1, publish: 2, blip: 3, restart: 4, readers: 5 } as const;

/**
 * The control plane of a cluster. It knows of its instances only what its probes tell it.
 *
 *   probes missed -> failure detected -> reader chosen by tier -> promoted -> cluster endpoint re-pointed
 *                                    \-> no reader in a living zone: an operator must help
 *   old writer: power back, or reachable again -> restarted -> reader
 */
export class ClusterControl {
  readonly #fabric: Fabric;
  readonly #group: DatabaseGroup;
  readonly #options: ClusterControlOptions;
  readonly #misses: Int32Array;
  /** Whether a member's host has to boot, not only its engine to start. */
  readonly #hostIsNew: Uint8Array;
  readonly #phase: Uint8Array;
  readonly #frozen: Uint8Array;
  /** Event that the present failover goes back to. */
  readonly #cause: Int32Array;
  readonly #isImpossible: Uint8Array;
  readonly #drawCount;
  readonly #draw: KeyedStream;
  readonly #decideUs: QuantileTable;
  readonly #promoteUs: QuantileTable;
  readonly #publishUs: QuantileTable;
  readonly #probe: HandlerId;
  readonly #choose: HandlerId;
  readonly #promote: HandlerId;
  readonly #publish: HandlerId;
  readonly #publishReaders: HandlerId;
  readonly #back: HandlerId;
  readonly #kinds;

  constructor(fabric: Fabric, group: DatabaseGroup, options: ClusterControlOptions) {
    const { kernel, log } = fabric;
    const { id, parameters } = options;
    this.#fabric = fabric;
    this.#group = group;
    this.#options = options;
    this.#misses = kernel.int32Array(`${id}.probe-misses`, group.memberCount);
    this.#hostIsNew = kernel.uint8Array(`${id}.host-is-new`, group.memberCount);
    this.#phase = kernel.uint8Array(`${id}.failover-phase`, 1);
    this.#frozen = kernel.uint8Array(`${id}.control-frozen`, 1);
    this.#cause = kernel.int32Array(`${id}.failover-cause`, 1).fill(none);
    this.#isImpossible = kernel.uint8Array(`${id}.failover-impossible`, 1);
    this.#drawCount = kernel.counter(`${id}.control-draws`);
    this.#draw = kernel.keyed(`${id}.control`);
    this.#decideUs = spread(parameters.decideUsP50.value, parameters.decideUsP95.value);
    this.#promoteUs = spread(parameters.promoteUsP50.value, parameters.promoteUsP95.value);
    this.#publishUs = spread(parameters.publishUsP50.value, parameters.publishUsP95.value);
    this.#probe = kernel.handler(`${id}.probe`, () => this.#look());
    this.#choose = kernel.handler(`${id}.choose`, () => this.#chosen());
    this.#promote = kernel.handler(`${id}.promote`, (member) => this.#promoted(member));
    this.#publish = kernel.handler(`${id}.publish`, (member) => this.#published(member));
    this.#publishReaders = kernel.handler(`${id}.publish-readers`, (cause) =>
      this.#readersPublished(cause),
    );
    this.#back = kernel.handler(`${id}.back`, (member, epoch) => this.#memberBack(member, epoch));
    this.#kinds = {
      failureDetected: log.kind("aurora.failure-detected", "detect"),
      failoverImpossible: log.kind("aurora.failover-impossible", "decide"),
      readerChosen: log.kind("aurora.reader-chosen", "decide"),
      promoted: log.kind("aurora.reader-promoted", "act"),
      endpointUpdated: log.kind("aurora.cluster-endpoint-updated", "recover"),
      readersUpdated: log.kind("aurora.reader-endpoint-updated", "recover"),
      restartStarted: log.kind("aurora.restart-started", "act"),
      memberBack: log.kind("aurora.instance-back", "recover"),
      readerRestarted: log.kind("aurora.readers-cycled", "act"),
    };
  }

  start(): void {
    this.#fabric.kernel.schedule(this.#options.parameters.probePeriodUs.value, this.#probe);
  }

  /** A frozen control plane neither notices nor acts; what it had begun goes on when it is freed. */
  setFrozen(frozen: boolean): void {
    this.#frozen[0] = frozen ? 1 : 0;
  }

  /** The host of a member has power again and has to boot before its engine can start. */
  hostIsBack(member: number): void {
    this.#hostIsNew[member] = 1;
    // A start that the loss of power broke off begins anew when it is noticed, not when it would have ended.
    if (this.#group.state[member] === databaseState.restarting) {
      this.#group.state[member] = databaseState.failed;
    }
  }

  /** Begins a failover now, as an operator's command does; false when one is under way or no reader can take over. */
  failOver(cause: number): boolean {
    if (this.#phase[0] !== failoverPhase.idle || this.#candidate() === none) return false;
    this.#phase[0] = failoverPhase.deciding;
    this.#cause[0] = cause;
    this.#chosen();
    return true;
  }

  get isFailingOver(): boolean {
    return this.#phase[0] !== failoverPhase.idle;
  }

  #look(): void {
    this.#options.looked();
    if (this.#postponed(this.#probe)) return;
    const group = this.#group;
    for (let member = 0; member < group.memberCount; member += 1) {
      const state = group.state[member]!;
      if (state === databaseState.serving) this.#tendServing(member);
      else if (state === databaseState.failed) this.#tendFailed(member);
    }
    this.#fabric.kernel.schedule(this.#options.parameters.probePeriodUs.value, this.#probe);
  }

  #tendServing(member: number): void {
    const group = this.#group;
    if (group.answers(member)) {
      this.#misses[member] = 0;
      const isFormer = member !== group.writer && group.role(member) === databaseRole.writer;
      if (isFormer) this.#restart(member);
      return;
    }
    this.#misses[member] = this.#misses[member]! + 1;
    if (this.#misses[member]! < this.#options.parameters.probeMissesMax.value) return;
    group.state[member] = databaseState.failed;
    const silence = causeOfSilence(this.#fabric, group.instances[member]!);
    const seq = this.#log(this.#kinds.failureDetected, member, silence);
    this.#setCause(member, seq);
    if (member === group.writer) this.#startFailover(seq);
    else this.#scheduleReaders(seq);
  }

  #tendFailed(member: number): void {
    const group = this.#group;
    const isWriter = member === group.writer;
    if (isWriter && this.#phase[0] !== failoverPhase.idle) return;
    const isReachable = this.#fabric.zones.inMajority(group.zones[member]!);
    if (isWriter && group.answers(member)) {
      // It was only out of sight, and nobody has taken its place.
      this.#misses[member] = 0;
      group.state[member] = databaseState.serving;
      this.#setCause(member, this.#log(this.#kinds.memberBack, member, this.#causeOf(member)));
    } else if (isWriter && this.#candidate() !== none) {
      this.#startFailover(this.#causeOf(member));
    } else if (isReachable) {
      this.#restart(member);
    }
  }

  #startFailover(cause: number): void {
    if (this.#candidate() === none) {
      if (this.#isImpossible[0] === 1) return;
      this.#isImpossible[0] = 1;
      const { writer } = this.#group;
      this.#setCause(writer, this.#log(this.#kinds.failoverImpossible, writer, cause));
      return;
    }
    this.#phase[0] = failoverPhase.deciding;
    this.#cause[0] = cause;
    this.#fabric.kernel.schedule(this.#drawUs(this.#decideUs, stage.decide), this.#choose);
  }

  #chosen(): void {
    if (this.#postponed(this.#choose)) return;
    const group = this.#group;
    const member = this.#candidate();
    if (member === none) {
      this.#phase[0] = failoverPhase.idle;
      this.#startFailover(this.#cause[0]!);
      return;
    }
    this.#phase[0] = failoverPhase.promoting;
    this.#cause[0] = this.#log(this.#kinds.readerChosen, member, this.#cause[0]!);
    // The reader restarts as a writer and the others are cycled: their sessions break.
    this.#stopEngine(member);
    const promoteUs = this.#drawUs(this.#promoteUs, stage.promote);
    this.#fabric.kernel.schedule(promoteUs, this.#promote, member);
    for (let other = 0; other < group.memberCount; other += 1) {
      const isOther = other !== member && other !== group.writer;
      if (isOther && group.state[other] === databaseState.serving) this.#cycle(other);
    }
  }

  #promoted(member: number): void {
    if (this.#postponed(this.#promote, member)) return;
    const group = this.#group;
    const { instances, zones, kernel } = this.#fabric;
    const instance = group.instances[member]!;
    const isAlive = instances.column.status[instance] === status.starting;
    if (!isAlive || !zones.inMajority(group.zones[member]!)) {
      // The chosen one has died meanwhile: choose again, if there is another.
      if (isAlive) instances.column.status[instance] = status.up;
      group.state[member] = databaseState.failed;
      this.#phase[0] = failoverPhase.idle;
      this.#startFailover(this.#cause[0]!);
      return;
    }
    instances.column.status[instance] = status.up;
    instances.column.startedUs[instance] = kernel.nowUs;
    group.cache.cool(member, this.#options.parameters.hitShareCold.value);
    group.setWriter(member);
    this.#isImpossible[0] = 0;
    this.#phase[0] = failoverPhase.publishing;
    this.#cause[0] = this.#log(this.#kinds.promoted, member, this.#cause[0]!);
    this.#setCause(member, this.#cause[0]!);
    kernel.schedule(this.#drawUs(this.#publishUs, stage.publish), this.#publish, member);
    this.#scheduleReaders(this.#cause[0]!);
  }

  #published(member: number): void {
    if (this.#postponed(this.#publish, member)) return;
    const group = this.#group;
    this.#phase[0] = failoverPhase.idle;
    this.#fabric.names.publish(group.writerRecord, [group.instances[member]!]);
    const seq = this.#log(this.#kinds.endpointUpdated, member, this.#cause[0]!);
    this.#setCause(member, seq);
  }

  #scheduleReaders(cause: number): void {
    const delayUs = this.#drawUs(this.#publishUs, stage.readers);
    this.#fabric.kernel.schedule(delayUs, this.#publishReaders, cause);
  }

  #readersPublished(cause: number): void {
    if (this.#postponed(this.#publishReaders, cause)) return;
    const group = this.#group;
    const readers = group.readerInstances();
    this.#fabric.names.publish(group.readerRecord, readers);
    this.#fabric.log.append(
      this.#kinds.readersUpdated,
      { component: this.#options.component },
      cause,
      readers.length,
    );
  }

  /** A reader drops its sessions and is back at once, or in a moment. */
  #cycle(member: number): void {
    const { readerBlipUsLow, readerBlipUsHigh } = this.#options.parameters;
    if (readerBlipUsHigh.value === 0) return;
    this.#stopEngine(member);
    this.#group.state[member] = databaseState.restarting;
    this.#log(this.#kinds.readerRestarted, member, this.#cause[0]!);
    this.#scheduleBack(
      member,
      this.#between(readerBlipUsLow.value, readerBlipUsHigh.value, stage.blip),
    );
  }

  /** Starts a member's engine anew; it comes back as a reader, unless it is still the writer. */
  #restart(member: number): void {
    const parameters = this.#options.parameters;
    const wasDark =
      this.#fabric.instances.column.status[this.#group.instances[member]!] === status.dark;
    const mustBoot = wasDark || this.#hostIsNew[member] === 1;
    this.#stopEngine(member);
    this.#group.state[member] = databaseState.restarting;
    this.#setCause(member, this.#log(this.#kinds.restartStarted, member, this.#causeOf(member)));
    const low = mustBoot ? parameters.hostBootUsLow : parameters.engineRestartUsLow;
    const high = mustBoot ? parameters.hostBootUsHigh : parameters.engineRestartUsHigh;
    if (mustBoot) this.#group.cache.cool(member, parameters.hitShareCold.value);
    this.#scheduleBack(member, this.#between(low.value, high.value, stage.restart));
  }

  #stopEngine(member: number): void {
    const { instances, calls } = this.#fabric;
    const instance = this.#group.instances[member]!;
    calls.evict(instance, true);
    this.#options.commits.instanceFailed(member);
    instances.column.status[instance] = status.starting;
  }

  #scheduleBack(member: number, delayUs: number): void {
    const epoch = this.#fabric.instances.epoch[this.#group.instances[member]!]!;
    this.#fabric.kernel.schedule(delayUs, this.#back, member, epoch);
  }

  #memberBack(member: number, epoch: number): void {
    if (this.#postponed(this.#back, member, epoch)) return;
    const group = this.#group;
    const { instances, kernel } = this.#fabric;
    const instance = group.instances[member]!;
    if (instances.epoch[instance] !== epoch) {
      const isStopped = !instances.accepts(instance);
      const isStarting = instances.column.status[instance] === status.starting;
      if (isStopped && !isStarting) group.state[member] = databaseState.failed;
      return;
    }
    instances.column.status[instance] = status.up;
    instances.column.startedUs[instance] = kernel.nowUs;
    this.#misses[member] = 0;
    this.#hostIsNew[member] = 0;
    group.state[member] = databaseState.serving;
    group.setRole(member, member === group.writer ? databaseRole.writer : databaseRole.reader);
    if (member === group.writer) this.#isImpossible[0] = 0;
    const seq = this.#log(this.#kinds.memberBack, member, this.#causeOf(member));
    this.#setCause(member, seq);
    if (member !== group.writer) this.#scheduleReaders(seq);
  }

  /** The reader of the lowest tier that serves and answers; members are numbered by tier. */
  #candidate(): number {
    const group = this.#group;
    for (let member = 0; member < group.memberCount; member += 1) {
      if (member === group.writer || group.state[member] !== databaseState.serving) continue;
      if (group.answers(member)) return member;
    }
    return none;
  }

  /** Puts a step off for as long as the control plane is frozen. */
  #postponed(step: HandlerId, a = 0, b = 0): boolean {
    if (this.#frozen[0] === 0) return false;
    this.#fabric.kernel.schedule(this.#options.parameters.probePeriodUs.value, step, a, b);
    return true;
  }

  #drawUs(table: QuantileTable, what: number): number {
    this.#drawCount.add(1);
    return Math.round(this.#draw.draw(table, this.#drawCount.value, what, 0));
  }

  #between(lowUs: number, highUs: number, what: number): number {
    this.#drawCount.add(1);
    const u = this.#draw.uniform(this.#drawCount.value, what, 0);
    return Math.round(lowUs + u * (highUs - lowUs));
  }

  #causeOf(member: number): number {
    return this.#fabric.instances.column.causeSeq[this.#group.instances[member]!]!;
  }

  #setCause(member: number, seq: number): void {
    this.#fabric.instances.column.causeSeq[this.#group.instances[member]!] = seq;
  }

  #log(kind: number, member: number, cause: number): number {
    const group = this.#group;
    const place = {
      component: this.#options.component,
      instance: group.instances[member]!,
      zone: group.zones[member]!,
    };
    return this.#fabric.log.append(kind, place, cause);
  }
}

function spread(p50: number, p95: number): QuantileTable {
  return compileQuantiles(lognormalFromQuantiles({ p50, p95 }));
}
