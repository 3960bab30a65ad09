import { MistakeList, TwinError } from "../../errors/twin-error.ts";
import type { FlowSpec, Topology } from "../topology-types.ts";
import { type Copy, copiesOf } from "./copies.ts";
import { CallExpansion, type Caller, clientsOf } from "./copy-calls.ts";
import { specOf } from "./copy-spec.ts";

/** A flow of the clients of one region. */
export interface RegionalFlow extends FlowSpec {
  /** Position of the clients' region; -1 for all clients. */
  readonly region: number;
}

/** A topology in which every component stands for itself. */
export interface Platform extends Topology {
  readonly flows: readonly RegionalFlow[];
  readonly copies: readonly Copy[];
}

/**
 * Writes out what a topology declares once for several regions or partitions: a component for each copy, calls and
 * references to the copies beside the caller, and calls that choose where a request's symbol or user lives. All
 * mistakes are told at once.
 */
export function expandTopology(topology: Topology): Platform {
  const mistakes = new MistakeList();
  const collect = <Result>(make: () => Result): readonly Result[] => {
    try {
      return [make()];
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
      for (const mistake of error.mistakes) mistakes.add(mistake);
      return [];
    }
  };
  const copies = copiesOf(topology);
  const calls = new CallExpansion(copies, topology.regions);
  const components = copies.flatMap((copy) => collect(() => specOf(copy, copies)));
  const flows = topology.flows.flatMap((flow, at) =>
    regionsOfClients(topology, copies).flatMap((region) =>
      collect(() => flowOf(flow, region, topology, calls, `/flows/${at}/call`)),
    ),
  );
  const actorCalls = topology.actorCalls.flatMap(({ component, calls: own }, at) =>
    copies
      .filter(({ declared }) => declared.id === component)
      .flatMap((copy) =>
        collect(() => ({
          component: copy.id,
          calls: Object.fromEntries(
            Object.entries(own).map(([name, call]) => [
              name,
              calls.expand(call, actorOf(copy), `/actorCalls/${at}/calls/${name}`),
            ]),
          ),
        })),
      ),
  );
  mistakes.throwIfAny(`Topology "${topology.id}"`);
  return { ...topology, components, flows, actorCalls, copies };
}

/** Clients of each region take paths of their own, once any component stands in several regions. */
function regionsOfClients(topology: Topology, copies: readonly Copy[]): readonly number[] {
  return copies.some(({ region }) => region !== undefined) ? [...topology.regions.keys()] : [-1];
}

function flowOf(
  flow: FlowSpec,
  region: number,
  topology: Topology,
  calls: CallExpansion,
  at: string,
): RegionalFlow {
  const name = topology.regions[region]?.id;
  return {
    ...flow,
    id: name === undefined ? flow.id : `${flow.id}-${name}`,
    call: calls.expand(flow.call, clientsOf(name), at),
    region,
  };
}

function actorOf(copy: Copy): Caller {
  return { ...copy, knowsRequest: false };
}
