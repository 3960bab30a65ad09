import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import { databaseState } from "../aurora/database-group.ts";
import { causeOfSilence } from "../fabric/cause-of-silence.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { AuroraLimitlessParameters } from "./aurora-limitless-parameters.ts";

/** What a router is among the instances of a Limitless database; shards have the roles of Aurora's instances. */
const routerRole = 2;

const draw = { publish: 0, restart: 1 } as const;

export interface RoutersOptions {
  readonly component: number;
  readonly id: string;
  readonly zones: readonly number[];
  readonly parameters: AuroraLimitlessParameters;
  /** A router and everything that it was doing is gone. */
  readonly lost: (instance: number) => void;
}

/**
 * The routers of a Limitless database: they keep no data, and any of them takes any statement. One that is silent is left out of
 * the endpoint once the service has noticed, and comes back when its engine has started anew.
 */
export class Routers {
  readonly instances: readonly number[];
  /** Name of the endpoint. */
  readonly record: number;
  readonly #fabric: Fabric;
  readonly #options: RoutersOptions;
  readonly #state: Uint8Array;
  readonly #misses: Int32Array;
  readonly #hostIsNew: Uint8Array;
  readonly #frozen: Uint8Array;
  readonly #drawCount;
  readonly #draw: KeyedStream;
  readonly #probe: HandlerId;
  readonly #publish: HandlerId;
  readonly #back: HandlerId;
  readonly #kinds;

  constructor(fabric: Fabric, options: RoutersOptions) {
    const { kernel, log } = fabric;
    const { id, parameters } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.instances = options.zones.map((zone) =>
      fabric.instances.create({
        component: options.component,
        zone,
        status: status.up,
        serverCount: Math.ceil(parameters.vcpuCount.value),
        // A statement has a place in the router, and so has its conversation with a shard.
        insideMax: 2 * parameters.connectionsMax.value,
        causeSeq: none,
      }),
    );
    for (const instance of this.instances) fabric.instances.column.role[instance] = routerRole;
    const count = this.instances.length;
    this.#state = kernel.uint8Array(`${id}.router-state`, count);
    this.#misses = kernel.int32Array(`${id}.router-misses`, count);
    this.#hostIsNew = kernel.uint8Array(`${id}.router-host-is-new`, count);
    this.#frozen = kernel.uint8Array(`${id}.routers-frozen`, 1);
    this.#drawCount = kernel.counter(`${id}.router-draws`);
    this.#draw = kernel.keyed(`${id}.routers`);
    this.#probe = kernel.handler(`${id}.router-probe`, () => this.#look());
    this.#publish = kernel.handler(`${id}.router-publish`, (cause) => this.#published(cause));
    this.#back = kernel.handler(`${id}.router-back`, (at, epoch) => this.#isBack(at, epoch));
    this.#kinds = {
      lost: log.kind("limitless.router-lost", "detect"),
      updated: log.kind("limitless.endpoint-updated", "recover"),
      restarted: log.kind("limitless.router-restarted", "act"),
      back: log.kind("limitless.router-back", "recover"),
    };
    this.record = fabric.names.record(parameters.endpointTtlUs.value);
    fabric.names.publish(this.record, this.instances);
  }

  start(): void {
    this.#fabric.kernel.schedule(this.#options.parameters.probePeriodUs.value, this.#probe);
  }

  setFrozen(frozen: boolean): void {
    this.#frozen[0] = frozen ? 1 : 0;
  }

  /** Position of a router by its instance, or `none`. */
  at(instance: number): number {
    return this.instances.indexOf(instance);
  }

  /** The host of a router has power again and has to boot before its engine can start. */
  hostIsBack(at: number): void {
    this.#hostIsNew[at] = 1;
  }

  #look(): void {
    const { kernel } = this.#fabric;
    kernel.schedule(this.#options.parameters.probePeriodUs.value, this.#probe);
    if (this.#frozen[0] === 1) return;
    for (let at = 0; at < this.instances.length; at += 1) {
      if (this.#state[at] === databaseState.serving) this.#tendServing(at);
      else if (this.#state[at] === databaseState.failed) this.#tendFailed(at);
    }
  }

  #tendServing(at: number): void {
    if (this.#answers(at)) {
      this.#misses[at] = 0;
      return;
    }
    this.#misses[at] = this.#misses[at]! + 1;
    if (this.#misses[at]! < this.#options.parameters.probeMissesMax.value) return;
    this.#state[at] = databaseState.failed;
    const silence = causeOfSilence(this.#fabric, this.instances[at]!);
    this.#schedulePublish(this.#log(this.#kinds.lost, at, silence));
  }

  #tendFailed(at: number): void {
    const { zones, instances, calls } = this.#fabric;
    const instance = this.instances[at]!;
    if (!zones.inMajority(instances.column.zone[instance]!)) return;
    if (this.#answers(at)) {
      // It was only out of sight.
      this.#misses[at] = 0;
      this.#state[at] = databaseState.serving;
      this.#schedulePublish(this.#log(this.#kinds.back, at, instances.column.causeSeq[instance]!));
      return;
    }
    const { hostBootUsLow, hostBootUsHigh, engineRestartUsLow, engineRestartUsHigh } =
      this.#options.parameters;
    const mustBoot = instances.column.status[instance] === status.dark || this.#hostIsNew[at] === 1;
    calls.evict(instance, true);
    this.#options.lost(instance);
    instances.column.status[instance] = status.starting;
    this.#state[at] = databaseState.restarting;
    this.#log(this.#kinds.restarted, at, instances.column.causeSeq[instance]!);
    const low = (mustBoot ? hostBootUsLow : engineRestartUsLow).value;
    const high = (mustBoot ? hostBootUsHigh : engineRestartUsHigh).value;
    const afterUs = this.#between(low, high, draw.restart);
    this.#fabric.kernel.schedule(afterUs, this.#back, at, instances.epoch[instance]!);
  }

  #isBack(at: number, epoch: number): void {
    const { instances, kernel } = this.#fabric;
    const instance = this.instances[at]!;
    if (instances.epoch[instance] !== epoch) {
      this.#state[at] = databaseState.failed;
      return;
    }
    instances.column.status[instance] = status.up;
    instances.column.startedUs[instance] = kernel.nowUs;
    this.#misses[at] = 0;
    this.#hostIsNew[at] = 0;
    this.#state[at] = databaseState.serving;
    this.#schedulePublish(this.#log(this.#kinds.back, at, instances.column.causeSeq[instance]!));
  }

  #schedulePublish(cause: number): void {
    const { publishUsP50, publishUsP95 } = this.#options.parameters;
    const afterUs = this.#between(publishUsP50.value, publishUsP95.value, draw.publish);
    this.#fabric.kernel.schedule(afterUs, this.#publish, cause);
  }

  /** The endpoint answers with the routers that serve; with all of them when none does. */
  #published(cause: number): void {
    const serving = this.instances.filter((_, at) => this.#state[at] === databaseState.serving);
    this.#fabric.names.publish(this.record, serving.length > 0 ? serving : this.instances);
    const place = { component: this.#options.component };
    this.#fabric.log.append(this.#kinds.updated, place, cause, serving.length);
  }

  #answers(at: number): boolean {
    const { instances, zones } = this.#fabric;
    const { column } = instances;
    const instance = this.instances[at]!;
    return column.status[instance] === status.up && zones.inMajority(column.zone[instance]!);
  }

  #between(lowUs: number, highUs: number, what: number): number {
    this.#drawCount.add(1);
    const u = this.#draw.uniform(this.#drawCount.value, what, 0);
    return Math.round(lowUs + u * (highUs - lowUs));
  }

  #log(kind: number, at: number, cause: number): number {
    const { log, instances } = this.#fabric;
    const instance = this.instances[at]!;
    const zone = instances.column.zone[instance]!;
    const seq = log.append(kind, { component: this.#options.component, instance, zone }, cause);
    instances.column.causeSeq[instance] = seq;
    return seq;
  }
}
