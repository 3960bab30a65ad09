import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import type { Component } from "../../components/fabric/component.ts";
import { assertNever } from "../../kernel/assert.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { BadReleases } from "./bad-releases.ts";
import type {
  CapacityShortageFault,
  ClientRetriesFault,
  FaultSpec,
  OneSidedFlowFault,
  PoisonMessageFault,
  ServiceFault,
  TradingHaltFault,
} from "./fault-types.ts";

/** What faults change about clients. */
export interface ClientControls {
  setLoadFactor(factor: number): void;
  setHotSymbol(symbol: number, share: number): void;
  /** Of one symbol, or of all (`none`). */
  setBuyShare(symbol: number, share: number): void;
  setPriceSteps(symbol: number, ticks: number): void;
  setRetries(retriesMax: number, backoffMs: number): void;
  dropConnections(share: number): void;
}

/** Components that faults of services strike, by what they can do. */
interface CanForget {
  flush(): void;
}
interface CanBeCorrupted {
  corrupt(share: number, causeSeq: number): void;
}
interface CanHoldTransactions {
  setTransactionOpen(open: boolean): void;
}
interface CanBePoisoned {
  poison(count: number, causeSeq: number, functionId: string | undefined): void;
  endPoison(functionId: string | undefined): void;
}
interface CanBeHalted {
  haltMarket(causeSeq: number): void;
  endHalt(causeSeq: number): void;
}
interface CanFallSilent {
  setAnswering(answering: boolean): void;
}

/** Steps of a ramp. Assumption: a second is fine enough for what people and machines do. */
const rampStepUs = 1_000_000;

/**
 * Faults that strike no place: services that grow slow, silent or stingy, and clients that change their ways. Several of
 * one kind at once add up: loads multiply, the smallest share of a quota holds, the last change of clients' ways counts.
 */
export class ServiceFaults {
  readonly #fabric: AssembledFabric;
  readonly #faults: readonly FaultSpec[];
  readonly #clients: ClientControls;
  readonly #usualRetries: Pick<ClientRetriesFault, "retriesMax" | "backoffMs">;
  /** Whether a component finds no hosts for another reason than a shortage. */
  readonly #isShut: (component: number) => boolean;
  /** How far each fault has come about, 0..1. */
  readonly #extent: Float64Array;
  /** When each fault has struck last. */
  readonly #sinceUs: Float64Array;
  readonly #ramp: HandlerId;
  readonly #quicken: HandlerId;
  readonly #releases: BadReleases;
  readonly #kinds;

  constructor(
    fabric: AssembledFabric,
    faults: readonly FaultSpec[],
    clients: ClientControls,
    usualRetries: Pick<ClientRetriesFault, "retriesMax" | "backoffMs">,
    room: number,
    isShut: (component: number) => boolean,
  ) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#faults = faults;
    this.#clients = clients;
    this.#usualRetries = usualRetries;
    this.#isShut = isShut;
    this.#extent = kernel.float64Array("faults.extent", room);
    this.#sinceUs = kernel.float64Array("faults.since-us", room);
    this.#ramp = kernel.handler("faults.ramp", (fault) => this.#rise(fault));
    this.#quicken = kernel.handler("faults.quicken", (fault, instance, occupant) =>
      this.#endSlowness(fault, instance, occupant),
    );
    this.#releases = new BadReleases(fabric, faults, {
      room,
      isInForce: (fault) => this.#extent[fault] === 1,
    });
    this.#kinds = {
      slow: log.kind("instance.slow", "fault"),
      quick: log.kind("instance.as-quick-as-usual", "fault"),
      silent: log.kind("names.not-answered", "fault"),
      answering: log.kind("names.answered-again", "fault"),
      cut: log.kind("quota.cut", "fault"),
      whole: log.kind("quota.restored", "fault"),
      failing: log.kind("service.errors", "fault"),
      sound: log.kind("service.sound-again", "fault"),
      short: log.kind("capacity.short", "fault"),
      ample: log.kind("capacity.there-again", "fault"),
      released: log.kind("deployment.bad-release", "fault"),
      corrupted: log.kind("data.corrupted", "fault"),
      opened: log.kind("data.transaction-left-open", "fault"),
      ended: log.kind("data.transaction-ended", "fault"),
      poisoned: log.kind("message.poisoned", "fault"),
      harmless: log.kind("message.harmless", "fault"),
      flushed: log.kind("cache.flushed", "fault"),
      loadChanged: log.kind("clients.load-changed", "fault"),
      loadUsual: log.kind("clients.load-as-usual", "fault"),
      hot: log.kind("clients.symbol-hot", "fault"),
      cool: log.kind("clients.symbol-as-usual", "fault"),
      volatile: log.kind("market.volatile", "fault"),
      calm: log.kind("market.calm-again", "fault"),
      sided: log.kind("market.one-sided", "fault"),
      even: log.kind("market.both-sides-again", "fault"),
      halted: log.kind("market.halted", "fault"),
      resumed: log.kind("market.halt-over", "fault"),
      retrying: log.kind("clients.retries-changed", "fault"),
      dropped: log.kind("clients.connections-dropped", "fault"),
      retriesUsual: log.kind("clients.retries-as-usual", "fault"),
    };
  }

  /** Begins a fault; `instances` are those that it strikes, for a fault of instances. Returns its log entry. */
  strike(at: number, fault: ServiceFault, instances: readonly number[]): number {
    const { log } = this.#fabric;
    this.#sinceUs[at] = this.#fabric.kernel.nowUs;
    switch (fault.kind) {
      case "instance-slow": {
        const seq = log.append(this.#kinds.slow, this.#place(fault.component), none, fault.factor);
        const { causeSeq } = this.#fabric.instances.column;
        for (const instance of instances) {
          // Whoever finds it unhealthy finds it so because of this.
          causeSeq[instance] = seq;
          this.#slowDown(at, instance, fault);
        }
        return seq;
      }
      case "name-service-outage":
        this.#extent[at] = 1;
        this.#component<CanFallSilent>(fault.component).setAnswering(false);
        return log.append(this.#kinds.silent, this.#place(fault.component), none);
      case "quota-cut":
        this.#extent[at] = 1;
        this.#grant(fault.component);
        return log.append(this.#kinds.cut, this.#place(fault.component), none, fault.share);
      case "service-errors":
        this.#extent[at] = 1;
        this.#setErrors(fault.component);
        return log.append(this.#kinds.failing, this.#place(fault.component), none, fault.share);
      case "capacity-shortage":
        this.#extent[at] = 1;
        this.updateCapacity();
        return log.append(this.#kinds.short, this.#zone(fault), none);
      case "bad-deployment": {
        const seq = log.append(this.#kinds.released, this.#place(fault.component), none);
        this.#extent[at] = 1;
        this.#releases.strike(at, fault, seq);
        return seq;
      }
      case "cache-flush":
        this.#component<CanForget>(fault.component).flush();
        return log.append(this.#kinds.flushed, this.#place(fault.component), none);
      case "data-corruption": {
        const place = this.#place(fault.component);
        const seq = log.append(this.#kinds.corrupted, place, none, fault.readShare);
        this.#component<CanBeCorrupted>(fault.component).corrupt(fault.readShare, seq);
        return seq;
      }
      case "open-transaction":
        this.#component<CanHoldTransactions>(fault.component).setTransactionOpen(true);
        return log.append(this.#kinds.opened, this.#place(fault.component), none);
      case "poison-message": {
        this.#extent[at] = 1;
        const seq = log.append(this.#kinds.poisoned, this.#place(fault.component), none);
        this.#component<CanBePoisoned>(fault.component).poison(fault.count, seq, fault.function);
        return seq;
      }
      case "load-change":
        this.#rise(at);
        return log.append(this.#kinds.loadChanged, {}, none, fault.factor);
      case "hot-symbol":
        this.#extent[at] = 1;
        this.#clients.setHotSymbol(fault.symbol, fault.share);
        return log.append(this.#kinds.hot, {}, none, fault.symbol);
      case "volatility-burst":
        this.#extent[at] = 1;
        this.#clients.setPriceSteps(fault.symbol ?? none, fault.factor);
        return log.append(this.#kinds.volatile, {}, none, fault.factor);
      case "one-sided-flow":
        this.#extent[at] = 1;
        this.#clients.setBuyShare(fault.symbol ?? none, buyShare(fault));
        return log.append(this.#kinds.sided, {}, none, fault.share);
      case "trading-halt": {
        this.#extent[at] = 1;
        const seq = log.append(this.#kinds.halted, this.#haltedPlace(fault), none);
        for (const { market } of this.#marketsOf(fault)) market.haltMarket(seq);
        return seq;
      }
      case "client-retries":
        this.#extent[at] = 1;
        this.#clients.setRetries(fault.retriesMax, fault.backoffMs);
        return log.append(this.#kinds.retrying, {}, none, fault.retriesMax);
      case "connection-drop":
        this.#clients.dropConnections(fault.share);
        return log.append(this.#kinds.dropped, {}, none, fault.share);
      default:
        return assertNever(fault, "fault");
    }
  }

  /** Ends a fault; `cause` is the entry of its beginning. */
  relent(at: number, fault: ServiceFault, cause: number): void {
    const { log } = this.#fabric;
    this.#extent[at] = 0;
    switch (fault.kind) {
      case "instance-slow":
        log.append(this.#kinds.quick, this.#place(fault.component), cause);
        return;
      case "name-service-outage":
        if (this.#lastInForce(fault.kind, fault.component) !== undefined) return;
        this.#component<CanFallSilent>(fault.component).setAnswering(true);
        log.append(this.#kinds.answering, this.#place(fault.component), cause);
        return;
      case "quota-cut":
        this.#grant(fault.component);
        log.append(this.#kinds.whole, this.#place(fault.component), cause);
        return;
      case "service-errors":
        this.#setErrors(fault.component);
        log.append(this.#kinds.sound, this.#place(fault.component), cause);
        return;
      case "capacity-shortage":
        this.updateCapacity();
        log.append(this.#kinds.ample, this.#zone(fault), cause);
        return;
      case "bad-deployment":
        this.#releases.relent(at, fault, cause);
        return;
      case "open-transaction":
        this.#component<CanHoldTransactions>(fault.component).setTransactionOpen(false);
        log.append(this.#kinds.ended, this.#place(fault.component), cause);
        return;
      case "poison-message":
        if (this.#isPoisonedByAnother(fault)) return;
        this.#component<CanBePoisoned>(fault.component).endPoison(fault.function);
        log.append(this.#kinds.harmless, this.#place(fault.component), cause);
        return;
      case "load-change":
        this.#setLoad();
        log.append(this.#kinds.loadUsual, {}, cause);
        return;
      case "hot-symbol": {
        const other = this.#lastInForce(fault.kind);
        this.#clients.setHotSymbol(other?.symbol ?? 0, other?.share ?? 0);
        if (other === undefined) log.append(this.#kinds.cool, {}, cause);
        return;
      }
      case "volatility-burst": {
        const other = this.#lastInForce(fault.kind);
        this.#clients.setPriceSteps(other?.symbol ?? none, other?.factor ?? 1);
        if (other === undefined) log.append(this.#kinds.calm, {}, cause);
        return;
      }
      case "one-sided-flow": {
        const other = this.#lastInForce(fault.kind);
        this.#clients.setBuyShare(
          other?.symbol ?? none,
          other === undefined ? 0.5 : buyShare(other),
        );
        if (other === undefined) log.append(this.#kinds.even, {}, cause);
        return;
      }
      case "trading-halt": {
        const released = this.#marketsOf(fault).filter(({ id }) => !this.#isHaltedByAnother(id));
        if (released.length === 0) return;
        const seq = log.append(this.#kinds.resumed, this.#haltedPlace(fault), cause);
        for (const { market } of released) market.endHalt(seq);
        return;
      }
      case "client-retries": {
        const other = this.#lastInForce(fault.kind);
        const { retriesMax, backoffMs } = other ?? this.#usualRetries;
        this.#clients.setRetries(retriesMax, backoffMs);
        if (other === undefined) log.append(this.#kinds.retriesUsual, {}, cause);
        return;
      }
      case "cache-flush":
      case "data-corruption":
      case "connection-drop":
        return;
      default:
        assertNever(fault, "fault");
    }
  }

  /** Of the faults of a kind that are in force (on a component), the one that struck last. */
  #lastInForce<Kind extends FaultSpec["kind"]>(
    kind: Kind,
    component?: string,
  ): Extract<FaultSpec, { kind: Kind }> | undefined {
    let last: Extract<FaultSpec, { kind: Kind }> | undefined;
    let lastUs = -1;
    for (const [at, fault] of this.#faults.entries()) {
      if (fault.kind !== kind || this.#extent[at] === 0 || this.#sinceUs[at]! < lastUs) continue;
      if (component !== undefined && "component" in fault && fault.component !== component)
        continue;
      last = fault as Extract<FaultSpec, { kind: Kind }>;
      lastUs = this.#sinceUs[at]!;
    }
    return last;
  }

  #isPoisonedByAnother(fault: PoisonMessageFault): boolean {
    return this.#faults.some(
      (other, at) =>
        other.kind === "poison-message" &&
        this.#extent[at] === 1 &&
        other.component === fault.component &&
        other.function === fault.function,
    );
  }

  #slowDown(
    at: number,
    instance: number,
    { factor, durationSeconds }: { readonly factor: number; readonly durationSeconds: number },
  ): void {
    const { kernel, instances } = this.#fabric;
    instances.column.slowFactor[instance] = instances.column.slowFactor[instance]! * factor;
    const afterUs = Math.round(durationSeconds * 1_000_000);
    kernel.schedule(afterUs, this.#quicken, at, instance, instances.occupant[instance]!);
  }

  /** What was replaced in the meantime is quick by itself; what was restarted in its place was slow until now. */
  #endSlowness(at: number, instance: number, occupant: number): void {
    const fault = this.#faults[at]!;
    const { instances } = this.#fabric;
    if (fault.kind !== "instance-slow" || instances.occupant[instance] !== occupant) return;
    instances.column.slowFactor[instance] = instances.column.slowFactor[instance]! / fault.factor;
  }

  /** A change of load comes about step by step, and holds once it is there. */
  #rise(at: number): void {
    const fault = this.#faults[at]!;
    if (fault.kind !== "load-change") return;
    const steps = Math.max(1, Math.round((fault.rampSeconds ?? 0) * (1_000_000 / rampStepUs)));
    this.#extent[at] = Math.min(1, this.#extent[at]! + 1 / steps);
    this.#setLoad();
    const stepsTaken = Math.round(this.#extent[at]! * steps);
    const lastsUs = fault.durationSeconds * 1_000_000;
    if (stepsTaken < steps && stepsTaken * rampStepUs < lastsUs) {
      this.#fabric.kernel.schedule(rampStepUs, this.#ramp, at);
    }
  }

  #setLoad(): void {
    const factor = this.#faults.reduce(
      (product, fault, at) =>
        fault.kind === "load-change"
          ? product * (1 + (fault.factor - 1) * this.#extent[at]!)
          : product,
      1,
    );
    this.#clients.setLoadFactor(factor);
  }

  #grant(component: string): void {
    const share = this.#faults.reduce(
      (least, fault, at) =>
        fault.kind === "quota-cut" && fault.component === component && this.#extent[at] === 1
          ? Math.min(least, fault.share)
          : least,
      1,
    );
    this.#component<Required<Pick<Component, "setQuotaShare">>>(component).setQuotaShare(share);
  }

  #setErrors(component: string): void {
    const share = this.#faults.reduce(
      (most, fault, at) =>
        fault.kind === "service-errors" && fault.component === component && this.#extent[at] === 1
          ? Math.max(most, fault.share)
          : most,
      0,
    );
    this.#fabric.calls.setErrorShare(this.#fabric.component(component).index, share);
  }

  /** A zone has room for new tasks while no fault denies it; to be told when a component was shut, or is open again. */
  updateCapacity(): void {
    const { zones, components } = this.#fabric;
    for (const [number, { id }] of zones.zones.entries()) {
      const short = this.#faults.some(
        (fault, at) =>
          fault.kind === "capacity-shortage" && this.#extent[at] === 1 && (fault.zone ?? id) === id,
      );
      for (const component of components) {
        component.setZoneCapacity?.(number, !short && !this.#isShut(component.index));
      }
    }
  }

  /** Matching services whose markets a halt is about. */
  #marketsOf({ component }: TradingHaltFault) {
    return this.#fabric.components
      .filter(({ id, service }) => service === "matching-service" && (component ?? id) === id)
      .map((each) => ({ id: each.id, market: each as unknown as CanBeHalted }));
  }

  /** Whether a halt that is in force holds a market. */
  #isHaltedByAnother(id: string): boolean {
    return this.#faults.some(
      (other, at) =>
        other.kind === "trading-halt" && this.#extent[at] === 1 && (other.component ?? id) === id,
    );
  }

  #haltedPlace({ component }: TradingHaltFault) {
    return component === undefined ? {} : this.#place(component);
  }

  #zone({ zone }: CapacityShortageFault) {
    return zone === undefined ? {} : { zone: this.#fabric.zone(zone) };
  }

  /** Validation has seen to it that the component can do what the fault asks of it. */
  #component<Ability>(id: string): Ability {
    return this.#fabric.component(id) as unknown as Ability;
  }

  #place(id: string) {
    return { component: this.#fabric.component(id).index };
  }
}

function buyShare({ side, share }: OneSidedFlowFault): number {
  return side === "buy" ? share : 1 - share;
}
