import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { createKernel, type Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import {
  type ActorCallDeclaration,
  type AssembledFabric,
  assembleFabric,
  type ComponentFactory,
  type FlowDeclaration,
} from "./assemble.ts";
import type { Operation } from "./call-sites.ts";
import type { Component } from "./component.ts";
import type { LogEntry } from "./event-log.ts";
import type { Fabric } from "./fabric.ts";
import { type FailureManner, status } from "./instances.ts";
import { outside, outsideZone, type Zone } from "./zones.ts";

/** One answer that a client of the test bed got, or its time-out. */
export interface ClientAnswer {
  readonly data: number;
  readonly attempt: number;
  readonly result: number;
  readonly atUs: number;
}

export interface TestBedOptions {
  readonly factories: readonly ComponentFactory[];
  readonly flows?: readonly FlowDeclaration[];
  readonly actorCalls?: readonly ActorCallDeclaration[];
  /** Ids of the availability zones of one region; `a`, `b` and `c` when left out. */
  readonly zones?: readonly string[];
  /** One way inside a zone, between zones, and to the outside. 100, 500 and 10,000 when left out. */
  readonly latencyUs?: {
    readonly sameZone: number;
    readonly betweenZones: number;
    readonly outside: number;
  };
  readonly framesMax?: number;
  readonly seed?: string;
}

/** A platform for tests of components: the real kernel and fabric, with clients that remember what they were told. */
export class TestBed {
  readonly kernel: Kernel;
  readonly fabric: AssembledFabric;
  readonly answers: ClientAnswer[] = [];

  readonly #faultKinds;

  constructor(options: TestBedOptions) {
    this.kernel = createKernel({
      seed: options.seed ?? "test",
      programVersion: "test",
      eventsMax: 50_000_000,
    });
    const latency = options.latencyUs ?? {
      sameZone: 100,
      betweenZones: 500,
      outside: 10_000,
    };
    const zones: Zone[] = [{ id: outside, region: undefined }];
    for (const id of options.zones ?? ["a", "b", "c"]) zones.push({ id, region: "region-1" });
    this.fabric = assembleFabric({
      kernel: this.kernel,
      zones,
      latencyUs: (from, to) => {
        if (from === to) return latency.sameZone;
        const crossesEdge = from === outsideZone || to === outsideZone;
        return crossesEdge ? latency.outside : latency.betweenZones;
      },
      limits: {
        instancesMax: 512,
        framesMax: options.framesMax ?? 10_000,
        recordsMax: 16,
        requestsInitial: 64,
        requestsMax: 10_000_000,
      },
      factories: options.factories,
      flows: options.flows ?? [],
      actorCalls: options.actorCalls ?? [],
      clientAnswered: (data, attempt, result) => {
        this.answers.push({ data, attempt, result, atUs: this.kernel.nowUs });
      },
    });
    const { log } = this.fabric;
    this.#faultKinds = {
      powerLost: log.kind("zone.power-lost", "fault"),
      powerRestored: log.kind("zone.power-restored", "info"),
      cutOff: log.kind("zone.cut-off", "fault"),
      rejoined: log.kind("zone.rejoined", "info"),
      power: log.kind("instance.failed-by-power", "fault"),
      crash: log.kind("instance.failed-by-crash", "fault"),
      hang: log.kind("instance.failed-by-hang", "fault"),
    };
  }

  /** A client outside sends a request of a flow now. */
  send(flow: string, data: number, attempt = 0): void {
    this.fabric.calls.callAsClient(this.fabric.flowSite(flow), outsideZone, data, attempt);
  }

  /** Appends a request and returns its number, to be sent as `data`. */
  request(fields: { kind?: number; user?: number; symbol?: number }): number {
    const { requests } = this.fabric;
    const row = requests.append();
    requests.column.kind[row] = fields.kind ?? 0;
    requests.column.user[row] = fields.user ?? 0;
    requests.column.symbol[row] = fields.symbol ?? 0;
    return row;
  }

  /** Lets simulated seconds pass. */
  runSeconds(seconds: number): void {
    this.kernel.runUntil(this.kernel.nowUs + Math.round(seconds * 1_000_000));
  }

  /** Cuts the power of a zone, as the fault of a drill does. */
  losePower(zoneId: string): number {
    const { fabric } = this;
    const zone = fabric.zone(zoneId);
    const seq = fabric.log.append(this.#faultKinds.powerLost, { zone }, none);
    fabric.zones.powered[zone] = 0;
    fabric.zones.causeSeq[zone] = seq;
    for (const instance of this.instancesIn(zoneId)) this.fail(instance, "power", seq);
    return seq;
  }

  /** Gives the power of a zone back, to everything at once. */
  restorePower(zoneId: string): number {
    const { fabric } = this;
    const zone = fabric.zone(zoneId);
    const seq = fabric.log.append(this.#faultKinds.powerRestored, { zone }, none);
    fabric.zones.powered[zone] = 1;
    fabric.zones.causeSeq[zone] = seq;
    for (const instance of this.instancesIn(zoneId)) {
      if (fabric.instances.column.status[instance] !== status.dark) continue;
      fabric.components[fabric.instances.column.component[instance]!]!.powerRestored(instance, seq);
    }
    return seq;
  }

  /** Cuts a zone off from every other, or heals the cut. */
  isolate(zoneId: string, cut: boolean): number {
    const { fabric } = this;
    const zone = fabric.zone(zoneId);
    const kind = cut ? this.#faultKinds.cutOff : this.#faultKinds.rejoined;
    const seq = fabric.log.append(kind, { zone }, none);
    fabric.zones.isolate(zone, cut);
    fabric.zones.causeSeq[zone] = seq;
    return seq;
  }

  /** Fails one instance in a manner. */
  fail(instance: number, manner: FailureManner, causeSeq: number = none): number {
    const { fabric } = this;
    const { column } = fabric.instances;
    const component = column.component[instance]!;
    const place = { component, instance, zone: column.zone[instance]! };
    const seq = fabric.log.append(this.#faultKinds[manner], place, causeSeq);
    column.causeSeq[instance] = seq;
    fabric.calls.failInstance(instance, manner);
    fabric.components[component]!.instanceFailed(instance, manner, seq);
    return seq;
  }

  /** Instances that exist now, of one component or of all, in one zone or in all. */
  instances(component?: string, zoneId?: string): number[] {
    const { fabric } = this;
    const { column, slotsMax } = fabric.instances;
    const index = component === undefined ? none : fabric.component(component).index;
    const zone = zoneId === undefined ? none : fabric.zone(zoneId);
    const found: number[] = [];
    for (let slot = 0; slot < slotsMax; slot += 1) {
      if (column.status[slot] === status.gone) continue;
      if (index !== none && column.component[slot] !== index) continue;
      if (zone === none || column.zone[slot] === zone) found.push(slot);
    }
    return found;
  }

  instancesIn(zoneId: string): number[] {
    return this.instances(undefined, zoneId);
  }

  /** All entries of the event log, of one kind when it is named. */
  events(kind?: string): LogEntry[] {
    const entries: LogEntry[] = [];
    for (let seq = 0; seq < this.fabric.log.count; seq += 1) {
      const entry = this.fabric.log.entry(seq);
      if (kind === undefined || entry.kind === kind) entries.push(entry);
    }
    return entries;
  }

  /** Kinds of the events from the cause of all to this one. */
  causes(seq: number): string[] {
    const chain: string[] = [];
    for (let at = seq; at !== none; ) {
      const { kind, causeSeq } = this.fabric.log.entry(at);
      if (causeSeq >= at) throw new RangeError(`${kind} (${at}) is caused by a later event`);
      chain.unshift(kind);
      at = causeSeq;
    }
    return chain;
  }
}

/** A plain service with a fixed set of instances, for tests of the fabric and as a neighbour of the component tested. */
export interface PlainServiceOptions {
  readonly id: string;
  /** Zone of each instance; one outside when left out. */
  readonly zones?: readonly string[];
  /** 0: a delay station. */
  readonly serverCount?: number;
  readonly insideMax?: number;
  /** Microseconds of work by operation; `serve` without work when left out. */
  readonly operations?: Readonly<Record<string, number>>;
  /** What `worked` says of a frame, by operation; makes the operations decide. */
  readonly worked?: (frame: number, instance: number, fabric: Fabric) => number;
  readonly admit?: (frame: number, instance: number, fabric: Fabric) => number;
  readonly resumed?: (actor: number, site: number, result: number, childData: number) => void;
}

export function plainService(options: PlainServiceOptions): ComponentFactory {
  return {
    id: options.id,
    create(fabric, index): Component {
      const zones = options.zones ?? [outside];
      const instances = zones.map((zone) =>
        fabric.instances.create({
          component: index,
          zone: fabric.zone(zone),
          status: status.up,
          serverCount: options.serverCount ?? 0,
          insideMax: options.insideMax ?? 1_000_000,
          causeSeq: none,
        }),
      );
      const worked = options.worked;
      const admit = options.admit;
      const operations = Object.entries(options.operations ?? { serve: 0 }).map(
        ([name, workUs]): Operation => ({
          name,
          ...(workUs > 0
            ? { serviceUs: compileQuantiles({ kind: "deterministic", value: workUs }) }
            : {}),
          decides: worked !== undefined,
        }),
      );
      return {
        id: options.id,
        service: "plain",
        index,
        operations,
        route: (_caller, _zone, frame) =>
          instances[fabric.calls.keyOf(frame) % instances.length] ?? none,
        ...(worked && { worked: (frame, instance) => worked(frame, instance, fabric) }),
        ...(admit && { admit: (frame, instance) => admit(frame, instance, fabric) }),
        ...(options.resumed && { resumed: options.resumed }),
        instanceFailed: () => {},
        powerRestored: (instance) => {
          fabric.instances.column.status[instance] = status.up;
        },
        channels: () => [],
        parameters: () => ({}),
        start: () => {},
      };
    },
  };
}
