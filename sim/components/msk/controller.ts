import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import type { Brokers } from "./brokers.ts";
import type { MskParameters } from "./msk-parameters.ts";
import type { Replicas } from "./replicas.ts";

/** How often the controller looks at the brokers' sessions. Assumption: well below the session's length. */
const lookPeriodUs = 1_000_000;

const mebibyte = 1_048_576;

/** What the log of records is told by the controller. */
export interface LogKeeper {
  /** Records of the cluster so far, to reckon what a broker has missed. */
  readonly recordCount: number;
  /** A partition's replicas in sync are fewer: what waited for the others may be committed. */
  inSyncShrank(partition: number): void;
  /** Whether a partition's leader answers: what it has can be read. */
  setReadable(partition: number, readable: boolean): void;
  /** A partition has a leader again; what the log has after `keptUs` the new leader never had (infinite: it has all). */
  leaderElected(partition: number, keptUs: number, causeSeq: number): void;
}

export interface ControllerOptions {
  readonly component: number;
  readonly id: string;
  readonly parameters: MskParameters;
  readonly uncleanElection: boolean;
}

/**
 * The controller of a cluster: a quorum over the region's zones that knows of brokers by their sessions only.
 *
 *   silence -> session over: broker fenced, in-sync sets shrink -> seconds -> leaders elected among the in-sync
 *   power or process back -> broker restarts (minutes) -> reads what it missed -> in sync again -> leads again
 *
 * Between a failure and the end of the session nothing moves: sends to the dead leader are lost, and sends to living
 * leaders wait for the dead follower.
 */
export class Controller {
  readonly #fabric: Fabric;
  readonly #options: ControllerOptions;
  readonly #brokers: Brokers;
  readonly #replicas: Replicas;
  readonly #keeper: LogKeeper;
  /** Whether the controller counts a broker among those in service. */
  readonly #inService: Uint8Array;
  readonly #silentSinceUs: Float64Array;
  /** Instant at which a broker lost power and has not been in sync since; -1 otherwise. */
  readonly #powerLostUs: Float64Array;
  /** Records of the cluster when a broker was last in sync. */
  readonly #recordsSeen: Float64Array;
  readonly #cause: Int32Array;
  /** Rises with each restart of a broker, so that one overtaken by another failure is recognised. */
  readonly #attempt: Int32Array;
  readonly #isFrozen: Uint8Array;
  readonly #draw: KeyedStream;
  readonly #look: HandlerId;
  readonly #elect: HandlerId;
  readonly #restarted: HandlerId;
  readonly #caughtUp: HandlerId;
  readonly #prefer: HandlerId;
  readonly #kinds;

  constructor(
    fabric: Fabric,
    options: ControllerOptions,
    brokers: Brokers,
    replicas: Replicas,
    keeper: LogKeeper,
  ) {
    const { kernel, log } = fabric;
    const { id } = options;
    const count = replicas.brokerCount;
    this.#fabric = fabric;
    this.#options = options;
    this.#brokers = brokers;
    this.#replicas = replicas;
    this.#keeper = keeper;
    this.#inService = kernel.uint8Array(`${id}.in-service`, count).fill(1);
    this.#silentSinceUs = kernel.float64Array(`${id}.silent-since-us`, count).fill(-1);
    this.#powerLostUs = kernel.float64Array(`${id}.power-lost-us`, count).fill(-1);
    this.#recordsSeen = kernel.float64Array(`${id}.records-seen`, count);
    this.#cause = kernel.int32Array(`${id}.broker-cause`, count).fill(none);
    this.#attempt = kernel.int32Array(`${id}.restart-attempt`, count);
    this.#isFrozen = kernel.uint8Array(`${id}.control-plane-frozen`, 1);
    this.#draw = kernel.keyed(`${id}.controller`);
    this.#look = kernel.handler(`${id}.look`, () => this.#lookAtSessions());
    this.#elect = kernel.handler(`${id}.elect`, (broker) => this.#electFor(broker));
    this.#restarted = kernel.handler(`${id}.restarted`, (broker, attempt) => {
      if (this.#attempt[broker] === attempt) this.#hasRestarted(broker);
    });
    this.#caughtUp = kernel.handler(`${id}.caught-up`, (broker, attempt) => {
      if (this.#attempt[broker] === attempt) this.#rejoin(broker);
    });
    this.#prefer = kernel.handler(`${id}.prefer`, () => this.#electPreferred());
    this.#kinds = {
      fenced: log.kind("msk.broker-fenced", "detect"),
      elected: log.kind("msk.leaders-elected", "act"),
      unclean: log.kind("msk.unclean-leader-elected", "act"),
      restarted: log.kind("msk.broker-restarted", "recover"),
      inSync: log.kind("msk.broker-in-sync", "recover"),
      preferred: log.kind("msk.leaders-back-at-preferred", "info"),
    };
  }

  start(): void {
    const { kernel } = this.#fabric;
    kernel.schedule(lookPeriodUs, this.#look);
    kernel.schedule(this.#options.parameters.preferredElectionUs.value, this.#prefer);
  }

  get inServiceCount(): number {
    let count = 0;
    for (let at = 0; at < this.#inService.length; at += 1) count += this.#inService[at]!;
    return count;
  }

  isInService(broker: number): boolean {
    return this.#inService[broker] === 1;
  }

  /** Freezes or frees what replaces brokers; the quorum that elects leaders is part of the cluster and goes on. */
  setFrozen(frozen: boolean): void {
    this.#isFrozen[0] = frozen ? 1 : 0;
  }

  brokerFailed(broker: number, manner: FailureManner, causeSeq: number): void {
    this.#cause[broker] = causeSeq;
    this.#attempt[broker] = this.#attempt[broker]! + 1;
    this.#setReadable(broker, false);
    if (manner === "power") this.#powerLostUs[broker] = this.#fabric.kernel.nowUs;
    else if (manner === "crash") this.#restartLater(broker);
  }

  /** Power is back where a broker stood: its host boots, and Kafka recovers its logs. */
  powerRestored(broker: number, causeSeq: number): void {
    const { column } = this.#fabric.instances;
    const instance = this.#brokers.instances[broker]!;
    column.status[instance] = status.starting;
    column.causeSeq[instance] = causeSeq;
    this.#cause[broker] = causeSeq;
    this.#restartLater(broker);
  }

  #restartLater(broker: number): void {
    const { restartUsLow, restartUsHigh } = this.#options.parameters;
    const attempt = this.#attempt[broker]! + 1;
    this.#attempt[broker] = attempt;
    const share = this.#draw.uniform(broker, attempt, 0);
    const spanUs = restartUsHigh.value - restartUsLow.value;
    const afterUs = Math.round(restartUsLow.value + share * spanUs);
    this.#fabric.kernel.schedule(afterUs, this.#restarted, broker, attempt);
  }

  #hasRestarted(broker: number): void {
    const { kernel, instances, log, calls } = this.#fabric;
    const instance = this.#brokers.instances[broker]!;
    const zone = instances.column.zone[instance]!;
    if (this.#isFrozen[0] === 1 || this.#fabric.zones.powered[zone] === 0) {
      // The next look at what is missing tries again.
      kernel.schedule(lookPeriodUs * 10, this.#restarted, broker, this.#attempt[broker]!);
      return;
    }
    if (instances.column.status[instance] === status.hung) calls.evict(instance, true);
    instances.column.status[instance] = status.up;
    const place = { component: this.#options.component, instance, zone };
    this.#cause[broker] = log.append(this.#kinds.restarted, place, this.#cause[broker]!);
    instances.column.causeSeq[instance] = this.#cause[broker]!;
    this.#leadWhatNobodyLeads(broker);
    this.#catchUp(broker);
  }

  /** A broker reads what it has missed, beside the load. */
  #catchUp(broker: number): void {
    const { recordBytes, catchUpMibPerSecond } = this.#options.parameters;
    const missed = this.#keeper.recordCount - this.#recordsSeen[broker]!;
    const share = (this.#replicas.factor / this.#replicas.brokerCount) * missed;
    const seconds = (share * recordBytes.value) / (catchUpMibPerSecond.value * mebibyte);
    const afterUs = Math.round(Math.max(1, seconds) * 1_000_000);
    this.#fabric.kernel.schedule(afterUs, this.#caughtUp, broker, this.#attempt[broker]!);
  }

  #rejoin(broker: number): void {
    const { instances, log } = this.#fabric;
    const instance = this.#brokers.instances[broker]!;
    if (!this.#brokers.isAlive(broker)) return;
    this.#inService[broker] = 1;
    this.#silentSinceUs[broker] = -1;
    for (let partition = 0; partition < this.#replicas.partitionCount; partition += 1) {
      const replica = this.#replicas.replicaOn(partition, broker);
      if (replica !== none && this.#replicas.leader[partition] !== none) {
        this.#replicas.join(partition, replica);
      }
    }
    this.#powerLostUs[broker] = -1;
    const place = {
      component: this.#options.component,
      instance,
      zone: instances.column.zone[instance]!,
    };
    this.#cause[broker] = log.append(this.#kinds.inSync, place, this.#cause[broker]!);
    instances.column.causeSeq[instance] = this.#cause[broker]!;
  }

  #lookAtSessions(): void {
    const { kernel } = this.#fabric;
    kernel.schedule(lookPeriodUs, this.#look);
    if (!this.#hasQuorum()) return;
    for (let broker = 0; broker < this.#replicas.brokerCount; broker += 1) {
      if (this.#brokers.isAlive(broker)) {
        this.#lookAtLiving(broker);
        continue;
      }
      if (this.#silentSinceUs[broker]! < 0) {
        this.#silentSinceUs[broker] = kernel.nowUs;
        this.#setReadable(broker, false);
      }
      const silentUs = kernel.nowUs - this.#silentSinceUs[broker]!;
      if (this.#inService[broker] === 1 && silentUs >= this.#options.parameters.sessionUs.value) {
        this.#fence(broker);
      }
    }
  }

  #setReadable(broker: number, readable: boolean): void {
    for (let partition = 0; partition < this.#replicas.partitionCount; partition += 1) {
      if (this.#replicas.leader[partition] === broker) {
        this.#keeper.setReadable(partition, readable);
      }
    }
  }

  /** A broker that was cut off and is heard of again was running all the time. */
  #lookAtLiving(broker: number): void {
    const wasSilent = this.#silentSinceUs[broker]! >= 0;
    this.#silentSinceUs[broker] = -1;
    if (wasSilent && this.#inService[broker] === 1) {
      this.#setReadable(broker, true);
      for (let partition = 0; partition < this.#replicas.partitionCount; partition += 1) {
        if (this.#replicas.replicaOn(partition, broker) !== none) {
          this.#keeper.inSyncShrank(partition);
        }
      }
    }
    if (wasSilent && this.#inService[broker] === 0 && this.#powerLostUs[broker]! < 0) {
      this.#attempt[broker] = this.#attempt[broker]! + 1;
      this.#leadWhatNobodyLeads(broker);
      this.#catchUp(broker);
    }
  }

  /** Whether a majority of the cluster's zones can talk: without it nobody is fenced and nobody elected. */
  #hasQuorum(): boolean {
    const { zones, instances } = this.#fabric;
    return this.#brokers.instances.some((instance) =>
      zones.inMajority(instances.column.zone[instance]!),
    );
  }

  #fence(broker: number): void {
    const { kernel, instances, log } = this.#fabric;
    const instance = this.#brokers.instances[broker]!;
    const silentUs = this.#silentSinceUs[broker]!;
    this.#inService[broker] = 0;
    this.#recordsSeen[broker] = this.#keeper.recordCount;
    if (instances.column.status[instance] === status.hung) this.#restartLater(broker);
    const zone = instances.column.zone[instance]!;
    const place = { component: this.#options.component, instance, zone };
    const cause =
      this.#cause[broker] === none ? this.#fabric.zones.causeSeq[zone]! : this.#cause[broker]!;
    this.#cause[broker] = log.append(this.#kinds.fenced, place, cause);
    for (let partition = 0; partition < this.#replicas.partitionCount; partition += 1) {
      const replica = this.#replicas.replicaOn(partition, broker);
      if (replica === none) continue;
      const isLast = this.#replicas.inSyncCount(partition) === 1;
      // The last replica in sync stays the last one in sync, dead as it is.
      if (this.#replicas.isInSync(partition, replica) && !isLast) {
        this.#replicas.leave(partition, replica, silentUs);
      }
      if (this.#replicas.leader[partition] !== broker) this.#keeper.inSyncShrank(partition);
    }
    kernel.schedule(this.#options.parameters.electionUs.value, this.#elect, broker);
  }

  /** Finds new leaders for what a fenced broker led. */
  #electFor(broker: number): void {
    const { log } = this.#fabric;
    if (this.#inService[broker] === 1) return;
    let elected = 0;
    for (let partition = 0; partition < this.#replicas.partitionCount; partition += 1) {
      if (this.#replicas.leader[partition] !== broker) continue;
      this.#replicas.setLeader(partition, none);
      this.#keeper.setReadable(partition, false);
      if (this.#electOne(partition, this.#cause[broker]!)) elected += 1;
    }
    if (elected === 0) return;
    const place = { component: this.#options.component };
    this.#cause[broker] = log.append(this.#kinds.elected, place, this.#cause[broker]!, elected);
  }

  /** Elects the first living replica in sync, or one that lacks records where that is allowed. */
  #electOne(partition: number, causeSeq: number): boolean {
    for (let replica = 0; replica < this.#replicas.factor; replica += 1) {
      const broker = this.#replicas.brokerOf(partition, replica);
      if (!this.#replicas.isInSync(partition, replica) || !this.#brokers.isAlive(broker)) continue;
      this.#replicas.setLeader(partition, broker);
      this.#keeper.leaderElected(partition, this.#keptUs(broker), causeSeq);
      return true;
    }
    if (!this.#options.uncleanElection) return false;
    for (let replica = 0; replica < this.#replicas.factor; replica += 1) {
      const broker = this.#replicas.brokerOf(partition, replica);
      if (!this.#brokers.isAlive(broker)) continue;
      this.#electUnclean(partition, replica, broker, causeSeq);
      return true;
    }
    return false;
  }

  #electUnclean(partition: number, replica: number, broker: number, causeSeq: number): void {
    const { log, instances } = this.#fabric;
    const completeUs = this.#replicas.completeUs(partition, replica);
    const keptUs = Math.min(completeUs, this.#keptUs(broker));
    for (let other = 0; other < this.#replicas.factor; other += 1) {
      if (other !== replica) this.#replicas.leave(partition, other, keptUs);
    }
    this.#replicas.join(partition, replica);
    this.#replicas.setLeader(partition, broker);
    const instance = this.#brokers.instances[broker]!;
    const zone = instances.column.zone[instance]!;
    const place = { component: this.#options.component, instance, zone };
    const seq = log.append(this.#kinds.unclean, place, causeSeq, partition);
    this.#keeper.leaderElected(partition, keptUs, seq);
  }

  /** Instant up to which a broker's own log is whole: a power loss takes what was not on its disk. */
  #keptUs(broker: number): number {
    const lostUs = this.#powerLostUs[broker]!;
    if (lostUs < 0) return Number.POSITIVE_INFINITY;
    return lostUs - this.#options.parameters.unflushedUs.value;
  }

  /** A broker that is back takes what has no leader, or still counts it as its leader. */
  #leadWhatNobodyLeads(broker: number): void {
    const cause = this.#cause[broker]!;
    for (let partition = 0; partition < this.#replicas.partitionCount; partition += 1) {
      const leader = this.#replicas.leader[partition]!;
      const replica = this.#replicas.replicaOn(partition, broker);
      if (replica === none) continue;
      if (leader === broker) {
        this.#keeper.leaderElected(partition, this.#keptUs(broker), cause);
      } else if (leader === none) this.#electOne(partition, cause);
    }
  }

  #electPreferred(): void {
    const { kernel, log } = this.#fabric;
    kernel.schedule(this.#options.parameters.preferredElectionUs.value, this.#prefer);
    let moved = 0;
    for (let partition = 0; partition < this.#replicas.partitionCount; partition += 1) {
      const preferred = this.#replicas.brokerOf(partition, 0);
      const leader = this.#replicas.leader[partition]!;
      const isReady =
        this.#replicas.isInSync(partition, 0) &&
        this.#brokers.isAlive(preferred) &&
        this.isInService(preferred);
      if (leader === preferred || leader === none || !isReady) continue;
      this.#replicas.setLeader(partition, preferred);
      moved += 1;
    }
    if (moved > 0) {
      log.append(this.#kinds.preferred, { component: this.#options.component }, none, moved);
    }
  }
}
