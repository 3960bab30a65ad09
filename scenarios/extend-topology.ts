/** Carries the changes of a variant out, and leads from a place of what comes out back to the line that made it. */
import type { ActorCallsSpec, FlowSpec, Topology } from "../sim/twin/topology-types.ts";
import type { Path } from "./located-yaml.ts";
import { nearestName, suggestion } from "./nearest-name.ts";
import { recoverySchema, withRecoveryRegion } from "./recovery-region.ts";
import { redirected, withoutCallee } from "./rewire-calls.ts";
import type { Finding } from "./schema-mistakes.ts";
import { isObject, pathText, valueAt } from "./schema-walk.ts";
import { soundItems, soundPart } from "./sound-parts.ts";
import { acceptance, actorCallsSchema, flowSchema, networkSchema } from "./topology-schema.ts";
import { type Change, changeSchema } from "./variant-schema.ts";

type CallSpec = FlowSpec["call"];
type Data = Readonly<Record<string, unknown>>;

/** A component while changes are made, with the places of the variant that touched it, the last one last. */
interface Touched {
  readonly spec: Data;
  readonly touches: readonly Touch[];
}

interface Touch {
  readonly path: Path;
  /** Fields that it gave; all of them when left out. */
  readonly fields?: readonly string[];
  /** Mistakes are told at the place itself: what came out stands nowhere inside it. */
  readonly isWhole?: boolean;
}

export interface Extended {
  /** The topology as if it had been written out, not yet checked. */
  readonly data: unknown;
  readonly findings: readonly Finding[];
  /** A mistake of what came out, at the place of the variant that caused it. */
  blame(finding: Finding): Finding;
}

/** `data` is a variant, as far as it is sound; `extended` is what it extends. The strategy for a disaster comes first. */
export function extendTopology(data: unknown, extended: Topology): Extended {
  const recovery = soundPart(recoverySchema, valueAt(data, ["disasterRecovery"]));
  const { topology: base, findings: misfits } =
    recovery === undefined
      ? { topology: extended, findings: [] }
      : withRecoveryRegion(extended, recovery);
  const touches: readonly Touch[] =
    recovery === undefined ? [] : [{ path: ["disasterRecovery"], isWhole: true }];
  const findings: Finding[] = [...misfits];
  const work: Work = {
    components: base.components.map((spec) => ({ spec: spec as unknown as Data, touches })),
    flows: [...base.flows],
    actorCalls: [...base.actorCalls],
    rewired: [],
    regionsFrom: recovery === undefined ? undefined : ["disasterRecovery"],
  };
  for (const { index, item } of soundItems(changeSchema, valueAt(data, ["changes"]))) {
    findings.push(...carryOut(item, ["changes", index], work));
  }
  const flowPlaces = putFlows(data, work);
  const callPlaces = putActorCalls(data, work);
  const network = soundPart(networkSchema, valueAt(data, ["network"]));
  const accepted = soundPart(acceptance, valueAt(data, ["acceptance"]));
  const words = (key: "id" | "title" | "description") => valueAt(data, [key]) ?? base[key];
  const { network: _, ...rest } = base;
  const ways = base.network === undefined && network === undefined;
  return {
    data: {
      ...rest,
      id: words("id"),
      title: words("title"),
      description: words("description"),
      ...(ways ? {} : { network: { ...base.network, ...network } }),
      acceptance: accepted ?? base.acceptance,
      components: work.components.map(({ spec }) => spec),
      flows: work.flows,
      actorCalls: work.actorCalls,
    },
    findings,
    blame: (finding) => ({ ...finding, ...placeOf(finding, { work, flowPlaces, callPlaces }) }),
  };
}

interface Work {
  components: Touched[];
  flows: FlowSpec[];
  actorCalls: ActorCallsSpec[];
  /** Changes that moved calls, and the strategy that gave the topology another region. */
  readonly rewired: Path[];
  readonly regionsFrom: Path | undefined;
}

/** A component with its position. */
type Found = readonly [at: number, touched: Touched];

function carryOut(change: Change, path: Path, work: Work): readonly Finding[] {
  switch (change.do) {
    case "set":
      return withComponent(work, change.component, [...path, "component"], (found) =>
        setFields(change, path, work, found),
      );
    case "replace":
      return withComponent(work, change.spec.id, [...path, "spec", "id"], ([at]) => {
        work.components[at] = { spec: change.spec, touches: [{ path: [...path, "spec"] }] };
        return [];
      });
    case "add":
      work.components.push({ spec: change.spec, touches: [{ path: [...path, "spec"] }] });
      return [];
    case "remove":
      return withComponent(work, change.component, [...path, "component"], ([at]) => {
        work.components.splice(at, 1);
        return rewire(work, path, (call) => withoutCallee(call, change.component), change);
      });
    case "redirect": {
      const unknown = [
        ...unknownComponent(work, change.from, [...path, "from"]),
        ...unknownComponent(work, change.to, [...path, "to"]),
      ];
      if (unknown.length > 0) return unknown;
      return rewire(work, path, (call) => [redirected(call, change.from, change.to)]);
    }
  }
}

function setFields(
  { component, fields = {}, leaveOut = [] }: Extract<Change, { do: "set" }>,
  path: Path,
  work: Work,
  [at, touched]: Found,
): readonly Finding[] {
  const { spec, touches } = touched;
  const fixed = ["id", "service"].filter((field) => field in fields || leaveOut.includes(field));
  if (fixed.length > 0) {
    return fixed.map((field) => ({
      code: "topology.change-of-identity",
      problem: `A change of "${component}" cannot set its ${field}`,
      remedy: "Replace the component, or remove it and add another",
      path: [...path, field in fields ? "fields" : "leaveOut", field],
      onKey: true,
    }));
  }
  const merged = Object.entries(fields).map(([field, value]) => [
    field,
    ["parameters", "perRegion"].includes(field) && isObject(spec[field]) && isObject(value)
      ? { ...spec[field], ...value }
      : value,
  ]);
  const kept = Object.entries(spec).filter(([field]) => !leaveOut.includes(field));
  work.components[at] = {
    spec: { ...Object.fromEntries(kept), ...Object.fromEntries(merged) },
    touches: [...touches, { path: [...path, "fields"], fields: Object.keys(fields) }, { path }],
  };
  return leaveOut
    .filter((field) => !(field in spec))
    .map((field) => ({
      code: "topology.change-of-nothing",
      problem: `"${component}" has no field "${field}" to leave out`,
      remedy: suggestion(field, Object.keys(spec), "field"),
      path: [...path, "leaveOut", leaveOut.indexOf(field)],
    }));
}

function withComponent(
  work: Work,
  id: string,
  path: Path,
  then: (found: Found) => readonly Finding[],
): readonly Finding[] {
  for (const [at, touched] of work.components.entries()) {
    if (touched.spec["id"] === id) return then([at, touched]);
  }
  return unknownComponent(work, id, path);
}

function unknownComponent({ components }: Work, id: string, path: Path): readonly Finding[] {
  const ids = components.map(({ spec }) => String(spec["id"]));
  if (ids.includes(id)) return [];
  const near = nearestName(id, ids) !== undefined;
  return [
    {
      code: "topology.change-of-nothing",
      problem: `There is no component "${id}" to change`,
      remedy: `${suggestion(id, ids, "component")}${near ? "" : "; a new one is added with do: add"}`,
      path,
    },
  ];
}

/** Moves calls. A flow whose first call is taken away must still begin somewhere. */
function rewire(
  work: Work,
  path: Path,
  change: (call: CallSpec) => readonly CallSpec[],
  removed?: { readonly component: string },
): readonly Finding[] {
  work.rewired.push(path);
  const findings: Finding[] = [];
  work.flows = work.flows.map((flow) => {
    const [call, ...others] = change(flow.call);
    if (call !== undefined && others.length === 0) return { ...flow, call };
    findings.push({
      code: "topology.flow-without-beginning",
      problem: `Without "${removed?.component ?? ""}", clients would call ${others.length === 0 ? "nothing" : "several components"} in the flow "${flow.id}"`,
      remedy: "Write this flow anew under flows",
      path,
    });
    return flow;
  });
  work.actorCalls = work.actorCalls
    .filter(({ component }) => component !== removed?.component)
    .map((actor) => ({
      ...actor,
      calls: Object.fromEntries(
        Object.entries(actor.calls).map(([name, call]) => [name, change(call)[0] ?? call]),
      ),
    }));
  return findings;
}

/** Places of the variant's own flows, by their position in what comes out. */
function putFlows(data: unknown, work: Work): ReadonlyMap<number, Path> {
  const places = new Map<number, Path>();
  for (const { index, item } of soundItems(flowSchema, valueAt(data, ["flows"]))) {
    const found = work.flows.findIndex(({ id }) => id === item.id);
    const at = found < 0 ? work.flows.length : found;
    work.flows[at] = item as FlowSpec;
    places.set(at, ["flows", index]);
  }
  return places;
}

/** Places of the variant's own calls, by the path of the call in what comes out. */
function putActorCalls(data: unknown, work: Work): ReadonlyMap<string, Path> {
  const places = new Map<string, Path>();
  for (const { index, item } of soundItems(actorCallsSchema, valueAt(data, ["actorCalls"]))) {
    const found = work.actorCalls.findIndex(({ component }) => component === item.component);
    const at = found < 0 ? work.actorCalls.length : found;
    const calls = { ...work.actorCalls[at]?.calls, ...item.calls } as ActorCallsSpec["calls"];
    work.actorCalls[at] = { component: item.component, calls };
    for (const name of Object.keys(item.calls)) {
      const own = ["actorCalls", index, "calls", name];
      places.set(pathText(["actorCalls", at, "calls", name]), own);
    }
  }
  return places;
}

interface Places {
  readonly work: Work;
  readonly flowPlaces: ReadonlyMap<number, Path>;
  readonly callPlaces: ReadonlyMap<string, Path>;
}

function placeOf(
  { path, problem }: Finding,
  { work, flowPlaces, callPlaces }: Places,
): Pick<Finding, "path" | "problem"> {
  const [list, at, ...rest] = path;
  if (list === "components" && typeof at === "number") {
    const touches = work.components[at]?.touches ?? [];
    const field = String(rest[0] ?? "");
    const touch =
      touches.findLast(({ fields }) => fields?.includes(field) === true) ?? touches.at(-1);
    if (touch?.isWhole === true) return { path: touch.path, problem };
    if (touch !== undefined) return { path: [...touch.path, ...rest], problem };
  }
  if (list === "flows" && typeof at === "number") {
    const own = flowPlaces.get(at);
    if (own !== undefined) return { path: [...own, ...rest], problem };
  }
  const call = callPlaces.get(pathText(path.slice(0, 4)));
  if (call !== undefined) return { path: [...call, ...path.slice(4)], problem };
  if (list === "regions" && work.regionsFrom !== undefined)
    return { path: work.regionsFrom, problem };
  if (list === "network" || list === "acceptance" || list === "id") return { path, problem };
  return {
    path: work.rewired.at(-1) ?? ["extends"],
    problem: path.length === 1 ? problem : `${problem} (at ${pathText(path)} of what comes out)`,
  };
}
