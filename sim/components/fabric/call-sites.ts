import type { QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import type { PartitionKey, RegionalPartitions } from "./partition-law.ts";

/** A copy that takes the place of another when the symbols of that one's region are moved. */
export interface StandbyPlace {
  /** Region that it stands by for, the one that it stands in, and the partition of its home, from 0. */
  readonly home: string;
  readonly region: string;
  readonly partition: number;
}

/** Which of several copies a call goes to: the one that keeps the request's symbol, or its user, or any by turns. */
export interface CallChoice {
  readonly by: PartitionKey;
  /** Copies by region; their counts and the standbys add up to the number of calls in `among`. */
  readonly regions: readonly RegionalPartitions[];
  readonly among: readonly CallSpec[];
  /** What the last calls in `among` are; there are none when left out. */
  readonly standbys?: readonly StandbyPlace[];
}

/** A call as a topology declares it: to whom, how long the caller waits, what it does when it fails. */
export interface CallSpec {
  /** Component that is called. */
  readonly to: string;
  /** What is asked of it; `serve` when left out. */
  readonly operation?: string;
  /** Milliseconds the caller waits for one attempt. Without it the HTTP client default of the platform applies. */
  readonly timeoutMs?: number;
  /** Further attempts after a failed one. 0 when left out. */
  readonly retriesMax?: number;
  /** Milliseconds before the first retry; doubles with each, full jitter. 50 when left out. */
  readonly backoffMs?: number;
  /** Called instead when the call failed for good. */
  readonly fallback?: CallSpec;
  /** Calls that the caller makes after this one and only then: what follows a fallback (filling a cache, say). */
  readonly followedBy?: readonly CallSpec[];
  /** The caller goes on without it when it fails. */
  readonly optional?: boolean;
  /** The call is made only in topologies that count an order as accepted there; always when left out. */
  readonly onlyWhenAcceptedAt?: "queue" | "journal";
  /** What the callee calls, in order, before it answers. */
  readonly calls?: readonly CallSpec[];
  /**
   * The call goes to one of several copies of `to`, each with its own target and calls beneath; only `followedBy` is
   * then read besides. Expansion of partitions and regions makes these; topology files don't hold them.
   */
  readonly choose?: CallChoice;
}

/** What a component can be asked to do. */
export interface Operation {
  readonly name: string;
  /** Microseconds of work; none when left out. */
  readonly serviceUs?: QuantileTable;
  /** Further microseconds for every item beyond the first (a batch of rows, of messages). */
  readonly perItemUs?: number;
  /** Whether the component decides the outcome when the work is done (`worked`). */
  readonly decides?: boolean;
  /** Goes before others where the component heeds urgency; see `ServingSpec.urgentFirst`. */
  readonly urgent?: boolean;
}

/** One call of a flow, compiled: sites are numbered in the order of declaration. */
export interface CallSite {
  readonly index: number;
  /** Path of calls from the start of the flow, for people: `place-order/api/order-service`. */
  readonly path: string;
  readonly flow: number;
  /** Component that calls; `none` for a client. */
  readonly caller: number;
  readonly component: number;
  readonly operation: number;
  readonly timeoutUs: number;
  readonly retriesMax: number;
  readonly backoffUs: number;
  readonly optional: boolean;
  readonly lane: number;
  readonly drawSeed: number;
  /** For a choice, which is no call itself: the calls it chooses among. */
  readonly choice?: SiteChoice;
  /** The call that this one stands in for as its fallback; itself when it stands in for none. */
  standsFor: number;
  /** Sites by number; `none` where there is none. Filled while compiling. */
  firstCall: number;
  nextCall: number;
  fallback: number;
}

/** A choice, compiled. */
export interface SiteChoice {
  readonly by: PartitionKey;
  readonly regions: readonly RegionalPartitions[];
  readonly sites: readonly number[];
  readonly standbys: readonly StandbyPlace[];
}

/** How component and operation names are found while flows are compiled. */
export interface ComponentDirectory {
  componentIndex(id: string): number;
  operationIndex(component: number, name: string): number;
}

/** Milliseconds an HTTP client waits when the topology does not say. Assumption: common SDK socket time-out. */
const defaultTimeoutMs = 60_000;

/** Milliseconds before a first retry when the topology does not say. Assumption: the base of common SDKs' retry modes. */
const defaultBackoffMs = 50;

/** All calls of all flows as one flat list, so that a running frame needs only a number to know its place. */
export class CallSites {
  readonly sites: CallSite[] = [];
  /** Distinct time-outs in microseconds; calls with the same one share a lane of deadlines. */
  readonly laneTimeoutsUs: number[] = [];
  readonly #directory: ComponentDirectory;

  constructor(directory: ComponentDirectory) {
    this.#directory = directory;
  }

  /** Compiles a call with everything beneath it and returns its site number. */
  compile(flow: number, caller: number, spec: CallSpec, path: string): number {
    if (spec.choose !== undefined) return this.#compileChoice(flow, caller, spec, path);
    const component = this.#directory.componentIndex(spec.to);
    const operation = this.#directory.operationIndex(component, spec.operation ?? "serve");
    const timeoutUs = Math.round((spec.timeoutMs ?? defaultTimeoutMs) * 1000);
    const site: CallSite = {
      index: this.sites.length,
      path: `${path}/${spec.to}`,
      flow,
      caller,
      component,
      operation,
      timeoutUs,
      retriesMax: spec.retriesMax ?? 0,
      backoffUs: Math.round((spec.backoffMs ?? defaultBackoffMs) * 1000),
      optional: spec.optional ?? false,
      lane: this.#lane(timeoutUs),
      drawSeed: hashOfPath(`${path}/${spec.to}/${spec.operation ?? "serve"}`),
      standsFor: this.sites.length,
      firstCall: none,
      nextCall: none,
      fallback: none,
    };
    this.sites.push(site);
    if (spec.fallback !== undefined) {
      site.fallback = this.compile(flow, caller, spec.fallback, path);
      this.#standIn(site.fallback, site.index);
    }
    site.firstCall = this.compileList(flow, component, spec.calls ?? [], site.path);
    site.nextCall = this.compileList(flow, caller, spec.followedBy ?? [], path);
    return site.index;
  }

  /** A choice stands before its calls and is passed over at once; its own figures are those of the first. */
  #compileChoice(flow: number, caller: number, spec: CallSpec, path: string): number {
    const { by, regions, among, standbys = [] } = spec.choose!;
    const sites = among.map((call) => this.compile(flow, caller, call, path));
    const first = this.sites[sites[0]!]!;
    const choice: CallSite = {
      ...first,
      index: this.sites.length,
      standsFor: this.sites.length,
      path: `${path}/${spec.to}`,
      choice: { by, regions, sites, standbys },
      firstCall: none,
      nextCall: none,
      fallback: none,
    };
    this.sites.push(choice);
    const next = this.compileList(flow, caller, spec.followedBy ?? [], path);
    if (next !== none) this.#link(choice.index, next);
    return choice.index;
  }

  /** A fallback, and its own fallback after it, stand in for the call that was meant. */
  #standIn(fallback: number, meant: number): void {
    const site = this.sites[fallback]!;
    site.standsFor = meant;
    for (const alternative of site.choice?.sites ?? []) this.#standIn(alternative, meant);
    if (site.fallback !== none) this.#standIn(site.fallback, meant);
  }

  /** Compiles calls that follow each other; a fallback goes on where the call it stands in for would have. */
  compileList(flow: number, caller: number, specs: readonly CallSpec[], path: string): number {
    let first = none;
    let previous = none;
    for (const spec of specs) {
      const index = this.compile(flow, caller, spec, path);
      if (first === none) first = index;
      this.#link(previous, index);
      previous = index;
    }
    return first;
  }

  /** Lets `next` follow a call, whatever already follows it and whatever stands in for it. */
  #link(call: number, next: number): void {
    if (call === none || call === next) return;
    const site = this.sites[call]!;
    if (site.choice !== undefined) {
      for (const alternative of site.choice.sites) this.#link(alternative, next);
    }
    if (site.nextCall === none) site.nextCall = next;
    else this.#link(site.nextCall, next);
    this.#link(site.fallback, next);
  }

  #lane(timeoutUs: number): number {
    const known = this.laneTimeoutsUs.indexOf(timeoutUs);
    if (known >= 0) return known;
    this.laneTimeoutsUs.push(timeoutUs);
    return this.laneTimeoutsUs.length - 1;
  }
}

/** A number that stays the same for a call however many others a topology declares (FNV-1a, 32 bits). */
function hashOfPath(path: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < path.length; at += 1) {
    hash = Math.imul(hash ^ path.charCodeAt(at), 0x01000193);
  }
  return hash | 0;
}

/** A choice among copies is no call itself. */
export function isCall(site: CallSite): boolean {
  return site.choice === undefined;
}
