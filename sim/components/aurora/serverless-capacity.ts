import type { HandlerId } from "../../kernel/kernel.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { ServerlessValues } from "./aurora-parameters.ts";
import type { ServerlessSpec } from "./aurora-spec.ts";

const hourUs = 3_600_000_000;

/** Instances that grow and shrink together: a writer with its readers, or one by itself. */
export interface SizedInstances {
  readonly instances: readonly number[];
  readonly writer: number;
  readonly memberCount: number;
}

/** Readers that stand first in line for promotion keep the writer's size. */
const writerSizedReaders = 2;

/** CPUs that are shared out by the slowness of one: so many servers, each slower than a whole vCPU by the factor. */
export function serversFor(acu: number, acuPerVcpu: number): { servers: number; slowness: number } {
  const vcpus = acu / acuPerVcpu;
  const servers = Math.max(1, Math.ceil(vcpus));
  return { servers, slowness: servers / vcpus };
}

/**
 * Capacity of the instances of a serverless cluster (Aurora Serverless v2), in ACUs. Each second every instance looks how
 * much of its CPU was used. Above the target it grows towards what it needs, by half an ACU or a share of what it has, whichever is
 * more: so growth from a low floor is slow. It shrinks in small steps once a minute's use would fit into less. Nothing is
 * interrupted by either. The first two readers never have less than the writer.
 */
export class ServerlessCapacity {
  readonly #fabric: Fabric;
  readonly #group: SizedInstances;
  readonly #spec: ServerlessSpec;
  readonly #values: ServerlessValues;
  /** ACUs of each member. */
  readonly #acu: Float64Array;
  /** vCPU time used up to the last look, and its mean over about a minute in vCPUs; by member. */
  readonly #busyUs: Float64Array;
  readonly #usedVcpus: Float64Array;
  /** ACU hours so far, and when they were counted. */
  readonly #account: Float64Array;
  readonly #shrunkAtUs: Float64Array;
  readonly #frozen: Uint8Array;
  readonly #leftAcu: (() => number) | undefined;
  readonly #review: HandlerId;

  constructor(
    fabric: Fabric,
    group: SizedInstances,
    options: {
      readonly id: string;
      /** Component whose metrics the capacity is; left out where a component has several such groups and tells of them itself. */
      readonly component?: number;
      readonly spec: ServerlessSpec;
      readonly values: ServerlessValues;
      /** ACUs by which the writer may still grow where several share a bound; left out, its own bound is all. */
      readonly leftAcu?: () => number;
    },
  ) {
    const { kernel } = fabric;
    const id = `${options.id}.serverless`;
    this.#fabric = fabric;
    this.#group = group;
    this.#spec = options.spec;
    this.#values = options.values;
    this.#acu = kernel.float64Array(`${id}.acu`, group.memberCount);
    this.#acu.fill(options.spec.acuAtStart ?? options.spec.acuMin);
    this.#busyUs = kernel.float64Array(`${id}.busy-us`, group.memberCount);
    this.#usedVcpus = kernel.float64Array(`${id}.used-vcpus`, group.memberCount);
    this.#account = kernel.float64Array(`${id}.account`, 2);
    this.#shrunkAtUs = kernel.float64Array(`${id}.shrunk-at-us`, group.memberCount);
    this.#frozen = kernel.uint8Array(`${id}.frozen`, 1);
    this.#review = kernel.handler(`${id}.review`, () => this.#look());
    for (const member of group.instances.keys()) this.#provide(member, 1);
    this.#leftAcu = options.leftAcu;
    if (options.component !== undefined) this.#publishMetrics(options.component);
  }

  start(): void {
    this.#fabric.kernel.schedule(this.#values.acuReviewUs, this.#review);
  }

  setFrozen(frozen: boolean): void {
    this.#frozen[0] = frozen ? 1 : 0;
  }

  /** ACUs of a member now. */
  acu(member: number): number {
    return this.#acu[member]!;
  }

  /** ACU hours of all members since the run began. */
  acuHours(): number {
    const { nowUs } = this.#fabric.kernel;
    let acu = 0;
    for (const each of this.#acu) acu += each;
    this.#account[0] = this.#account[0]! + (acu * (nowUs - this.#account[1]!)) / hourUs;
    this.#account[1] = nowUs;
    return this.#account[0]!;
  }

  channels(): readonly Channel[] {
    return [
      levelChannel("capacity of the writer", "ACU", () => this.acu(this.#group.writer)),
      countChannel("capacity", "ACU hours", () => this.acuHours()),
    ];
  }

  #look(): void {
    const { kernel } = this.#fabric;
    this.acuHours();
    for (const member of this.#group.instances.keys()) this.#reviewMember(member);
    this.#followWriter();
    kernel.schedule(this.#values.acuReviewUs, this.#review);
  }

  #reviewMember(member: number): void {
    const { instances, kernel } = this.#fabric;
    const { acuReviewUs, acuPerVcpu, acuUseTarget, acuStep, acuGrowthShare } = this.#values;
    const instance = this.#group.instances[member]!;
    instances.account(instance);
    const busyUs = instances.column.busyUs[instance]!;
    const { slowness } = serversFor(this.#acu[member]!, acuPerVcpu);
    // A server that is slower than a vCPU is so because it has only a part of one.
    const vcpus = (busyUs - this.#busyUs[member]!) / acuReviewUs / slowness;
    this.#busyUs[member] = busyUs;
    const mean = this.#usedVcpus[member]!;
    this.#usedVcpus[member] = mean + (vcpus - mean) * Math.min(1, acuReviewUs / 60_000_000);
    if (this.#frozen[0] === 1 || instances.column.status[instance] !== status.up) return;
    const now = this.#acu[member]!;
    const needed = (vcpus * acuPerVcpu) / acuUseTarget;
    if (needed > now) {
      const most = now + Math.max(acuStep, now * acuGrowthShare);
      this.#resize(member, Math.min(most, needed));
      return;
    }
    const { acuShrinkUse, acuShrinkShare, acuShrinkEveryUs } = this.#values;
    const enough = (this.#usedVcpus[member]! * acuPerVcpu) / acuShrinkUse;
    if (enough >= now || kernel.nowUs - this.#shrunkAtUs[member]! < acuShrinkEveryUs) return;
    this.#shrunkAtUs[member] = kernel.nowUs;
    this.#resize(member, Math.max(enough, now - Math.max(acuStep, now * acuShrinkShare)));
  }

  /** Readers of the first tiers are raised to the writer's size at once: they must be able to take over. */
  #followWriter(): void {
    const { writer } = this.#group;
    const readers = [...this.#group.instances.keys()].filter((member) => member !== writer);
    for (const member of readers.slice(0, writerSizedReaders)) {
      if (this.#acu[member]! < this.#acu[writer]!) this.#resize(member, this.#acu[writer]!);
    }
  }

  #resize(member: number, wanted: number): void {
    const { acuStep } = this.#values;
    const { acuMin } = this.#spec;
    const now = this.#acu[member]!;
    const isShared = this.#leftAcu !== undefined && member === this.#group.writer;
    const most = isShared ? now + Math.max(0, this.#leftAcu()) : this.#spec.acuMax;
    const acuMax = Math.min(this.#spec.acuMax, Math.floor(most / acuStep) * acuStep);
    const stepped = Math.ceil(wanted / acuStep) * acuStep;
    const acu = Math.min(acuMax, Math.max(acuMin, stepped));
    if (acu === now) return;
    const before = serversFor(now, this.#values.acuPerVcpu).slowness;
    this.#acu[member] = acu;
    this.#provide(member, before);
  }

  /** Gives an instance its CPUs; other reasons for slowness stay. */
  #provide(member: number, slownessBefore: number): void {
    const { column } = this.#fabric.instances;
    const instance = this.#group.instances[member]!;
    const { servers, slowness } = serversFor(this.#acu[member]!, this.#values.acuPerVcpu);
    this.#fabric.instances.account(instance);
    column.serverCount[instance] = servers;
    column.slowFactor[instance] = (column.slowFactor[instance]! * slowness) / slownessBefore;
  }

  #publishMetrics(component: number): void {
    const { metrics } = this.#fabric;
    const source = { namespace: "AWS/RDS", component, isLevel: true } as const;
    const { column } = this.#fabric.instances;
    const isUp = () => column.status[this.#group.instances[this.#group.writer]!] === status.up;
    const whenUp = (value: number) => (isUp() ? value : Number.NaN);
    metrics.add({
      ...source,
      name: "ServerlessDatabaseCapacity",
      unit: "Count",
      sample: () => whenUp(this.acu(this.#group.writer)),
    });
    metrics.add({
      ...source,
      name: "ACUUtilization",
      unit: "Percent",
      sample: () => whenUp((100 * this.acu(this.#group.writer)) / this.#spec.acuMax),
    });
  }
}
