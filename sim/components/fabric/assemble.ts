import { MistakeList, TwinError } from "../../errors/twin-error.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { CallRuntime } from "./call-runtime.ts";
import { CallSites, type CallSpec } from "./call-sites.ts";
import type { CallingSpec } from "./calling-spec.ts";
import type { Component } from "./component.ts";
import { EventLog } from "./event-log.ts";
import type { Fabric } from "./fabric.ts";
import { attemptsMax } from "./frame-life.ts";
import { Instances } from "./instances.ts";
import { MetricRegistry } from "./metrics.ts";
import { Names } from "./names.ts";
import { RegionHomes } from "./region-homes.ts";
import { RequestTable } from "./requests.ts";
import type { ServingSpec } from "./serving-spec.ts";
import { TokenBucket } from "./token-bucket.ts";
import { type Zone, Zones } from "./zones.ts";

/** Makes one component of a platform; its number is its position in the list. */
export interface ComponentFactory {
  readonly id: string;
  readonly calling?: CallingSpec | undefined;
  readonly serving?: ServingSpec | undefined;
  /** Region that it stands in; left out for what is global. */
  readonly region?: string | undefined;
  create(fabric: Fabric, index: number): Component;
}

/** The path of one kind of request. */
export interface FlowDeclaration {
  readonly name: string;
  readonly call: CallSpec;
}

/** A call that a component makes on its own account, by the name the component asks for. */
export interface ActorCallDeclaration {
  readonly component: string;
  readonly name: string;
  readonly call: CallSpec;
}

/** Room for what comes and goes during a run. */
export interface AssemblyLimits {
  /** Most instances at once, the dark ones included. */
  readonly instancesMax: number;
  /** Most calls open at once. */
  readonly framesMax: number;
  /** Most DNS names. */
  readonly recordsMax: number;
  readonly requestsInitial: number;
  readonly requestsMax: number;
}

export interface AssemblyOptions {
  readonly kernel: Kernel;
  /** The outside world first, then the availability zones. */
  readonly zones: readonly Zone[];
  /** One-way latency between zones, by their numbers, in microseconds. */
  readonly latencyUs: (from: number, to: number) => number;
  readonly limits: AssemblyLimits;
  readonly factories: readonly ComponentFactory[];
  readonly flows: readonly FlowDeclaration[];
  readonly actorCalls: readonly ActorCallDeclaration[];
  /** An attempt of a client ended; see `CallRuntime.callAsClient`. */
  readonly clientAnswered: (data: number, attempt: number, result: number) => void;
}

/** A platform that is ready to run: every component is started, nothing has happened yet. */
export interface AssembledFabric extends Fabric {
  /** Site with which a flow begins, for `calls.callAsClient`. */
  flowSite(flow: string): number;
}

/**
 * Builds a platform out of its parts: fabric, components, flows; and starts the components. All mistakes in the
 * declarations are told at once. The twin and the tests of components assemble with this same function.
 */
export function assembleFabric(options: AssemblyOptions): AssembledFabric {
  const mistakes = new MistakeList();
  const foundation = createFoundation(options);
  const components = createComponents(options.factories, foundation, mistakes);
  const ownCalls = components.flatMap((component) =>
    (component.ownCalls?.() ?? []).map((own) => ({ component: component.id, ...own })),
  );
  const actorCalls = [...options.actorCalls, ...ownCalls];
  checkFlows({ ...options, actorCalls }, components, mistakes);
  mistakes.throwIfAny("The topology");

  const sites = new CallSites({
    componentIndex: (id) => components.findIndex((component) => component.id === id),
    operationIndex: (component, name) => operationIndex(components[component]!, name),
  });
  options.flows.forEach(({ name, call }, flow) => {
    foundation.flowSites.push(sites.compile(flow, none, call, name));
  });
  actorCalls.forEach(({ component, name, call }, at) => {
    const caller = components.findIndex((each) => each.id === component);
    const flow = options.flows.length + at;
    const site = sites.compile(flow, caller, call, `${component}.${name}`);
    foundation.actorSites.push({ component, name, site });
  });
  foundation.sites.push(...sites.sites);
  foundation.calls = new CallRuntime({
    kernel: options.kernel,
    zones: foundation.zones,
    instances: foundation.instances,
    components,
    sites: sites.sites,
    laneTimeoutsUs: sites.laneTimeoutsUs,
    requests: foundation.requests,
    calling: options.factories.map(({ calling }) => calling),
    serving: options.factories.map(({ serving }) => serving),
    flowCount: options.flows.length,
    homes: foundation.homes,
    framesMax: options.limits.framesMax,
    clientAnswered: options.clientAnswered,
  });
  for (const component of components) component.start();
  return foundation;
}

/** The fabric as it stands while components are being made; what is missing is filled in by `assembleFabric`. */
interface Foundation extends AssembledFabric {
  readonly components: Component[];
  readonly sites: Fabric["sites"][number][];
  readonly flowSites: number[];
  readonly actorSites: { component: string; name: string; site: number }[];
}

function createFoundation(options: AssemblyOptions): Foundation {
  const { kernel, limits, zones } = options;
  const instances = new Instances(kernel, limits.instancesMax);
  const names = new Names(kernel, {
    recordsMax: limits.recordsMax,
    instancesMax: limits.instancesMax,
    epoch: instances.epoch,
  });
  const places = new Zones(kernel, zones, options.latencyUs);
  const quotas: { name: string; bucket: TokenBucket }[] = [];
  return {
    kernel,
    zones: places,
    homes: new RegionHomes(kernel, places),
    instances,
    names,
    log: new EventLog(kernel),
    metrics: new MetricRegistry(),
    requests: new RequestTable(kernel, limits),
    components: [],
    sites: [],
    flowSites: [],
    actorSites: [],
    // Exists from `start` on; whoever needs it earlier has an error in its constructor.
    calls: undefined as unknown as CallRuntime,
    component(id) {
      return found(this.components, (component) => component.id === id, `component "${id}"`);
    },
    actorSite(component, call) {
      const declared = this.actorSites.find(
        (each) => each.component === component && each.name === call,
      );
      return declared?.site ?? none;
    },
    regionOf(component) {
      return options.factories[component]?.region;
    },
    zone(id) {
      return zones.indexOf(found(zones, (zone) => zone.id === id, `zone "${id}"`));
    },
    accountQuota(name, quota) {
      const known = quotas.find((each) => each.name === name);
      if (known !== undefined) return known.bucket;
      const bucket = new TokenBucket(kernel, name, quota);
      quotas.push({ name, bucket });
      return bucket;
    },
    flowSite(name) {
      const flow = options.flows.findIndex((each) => each.name === name);
      return this.flowSites[flow] ?? none;
    },
  };
}

function createComponents(
  factories: readonly ComponentFactory[],
  foundation: Foundation,
  mistakes: MistakeList,
): readonly Component[] {
  factories.forEach((factory, index) => {
    if (factories.findIndex((other) => other.id === factory.id) < index) {
      mistakes.add({
        code: "topology.id-twice",
        problem: `Two components are called "${factory.id}"`,
        remedy: "Give each component an id of its own",
        at: `/components/${factory.id}`,
      });
      return;
    }
    try {
      foundation.components.push(factory.create(foundation, index));
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
      for (const mistake of error.mistakes) mistakes.add(mistake);
    }
  });
  return foundation.components;
}

function operationIndex(component: Component, name: string): number {
  return component.operations.findIndex((operation) => operation.name === name);
}

type Declarations = Pick<AssemblyOptions, "factories" | "flows" | "actorCalls">;

function checkFlows(
  { factories, flows, actorCalls }: Declarations,
  components: readonly Component[],
  mistakes: MistakeList,
): void {
  const ids = factories.map((factory) => factory.id);
  flows.forEach(({ name, call }, index) => {
    if (flows.findIndex((other) => other.name === name) < index) {
      mistakes.add({
        code: "topology.flow-twice",
        problem: `Two flows are called "${name}"`,
        remedy: "Give each flow a name of its own",
        at: `/flows/${name}`,
      });
    }
    checkCall(call, `/flows/${name}/call`, ids, components, mistakes);
  });
  for (const { component, name, call } of actorCalls) {
    const at = `/actorCalls/${component}/${name}`;
    if (!ids.includes(component)) addUnknownComponent(component, at, ids, mistakes);
    checkCall(call, at, ids, components, mistakes);
  }
}

/** Checks a call with everything beneath it. */
function checkCall(
  call: CallSpec,
  at: string,
  ids: readonly string[],
  components: readonly Component[],
  mistakes: MistakeList,
): void {
  if (call.choose !== undefined) {
    call.choose.among.forEach((each) => {
      checkCall(each, at, ids, components, mistakes);
    });
    return;
  }
  const component = components.find((each) => each.id === call.to);
  const operation = call.operation ?? "serve";
  if (!ids.includes(call.to)) {
    addUnknownComponent(call.to, at, ids, mistakes);
  } else if (component !== undefined && operationIndex(component, operation) === none) {
    mistakes.add({
      code: "topology.operation-unknown",
      problem: `Component "${call.to}" has no operation "${operation}"`,
      remedy: `Use one of ${component.operations.map((each) => each.name).join(", ")}`,
      at,
    });
  }
  checkFigures(call, at, mistakes);
  if (call.fallback !== undefined) {
    checkCall(call.fallback, `${at}/fallback`, ids, components, mistakes);
  }
  call.calls?.forEach((beneath, index) => {
    checkCall(beneath, `${at}/calls/${index}`, ids, components, mistakes);
  });
  call.followedBy?.forEach((next, index) => {
    checkCall(next, `${at}/followedBy/${index}`, ids, components, mistakes);
  });
}

function checkFigures(call: CallSpec, at: string, mistakes: MistakeList): void {
  const retriesMax = call.retriesMax ?? 0;
  if (!Number.isInteger(retriesMax) || retriesMax < 0 || retriesMax >= attemptsMax) {
    mistakes.add({
      code: "topology.retries-out-of-range",
      problem: `The call of "${call.to}" has retriesMax ${retriesMax}`,
      remedy: `Use a whole number from 0 to ${attemptsMax - 1}`,
      at: `${at}/retriesMax`,
    });
  }
  if (call.timeoutMs !== undefined && !(call.timeoutMs > 0 && Number.isFinite(call.timeoutMs))) {
    mistakes.add({
      code: "topology.timeout-out-of-range",
      problem: `The call of "${call.to}" has timeoutMs ${call.timeoutMs}`,
      remedy: "Use a number of milliseconds greater than 0",
      at: `${at}/timeoutMs`,
    });
  }
  if (call.backoffMs !== undefined && !(call.backoffMs >= 0 && Number.isFinite(call.backoffMs))) {
    mistakes.add({
      code: "topology.backoff-out-of-range",
      problem: `The call of "${call.to}" has backoffMs ${call.backoffMs}`,
      remedy: "Use a number of milliseconds, 0 or more",
      at: `${at}/backoffMs`,
    });
  }
}

function addUnknownComponent(
  id: string,
  at: string,
  ids: readonly string[],
  mistakes: MistakeList,
): void {
  mistakes.add({
    code: "topology.component-unknown",
    problem: `The topology has no component "${id}"`,
    remedy: `Use one of ${ids.join(", ")}`,
    at,
  });
}

function found<Item>(items: readonly Item[], is: (item: Item) => boolean, what: string): Item {
  const item = items.find(is);
  if (item !== undefined) return item;
  throw new TwinError({
    code: "topology.reference-unknown",
    problem: `The topology has no ${what}`,
    remedy: "Declare it, or correct the name that refers to it",
  });
}
