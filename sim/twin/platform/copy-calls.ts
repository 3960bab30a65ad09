import type { CallSpec, StandbyPlace } from "../../components/fabric/call-sites.ts";
import type { PartitionKey } from "../../components/fabric/partition-law.ts";
import { TwinError } from "../../errors/twin-error.ts";
import type { RegionSpec } from "../topology-types.ts";
import type { Copy } from "./copies.ts";
import { relatedCopies } from "./copy-spec.ts";

/** Who calls: a copy of a component, or the clients of a region. */
export type Caller = Pick<Copy, "region" | "standsFor" | "partition" | "partitionCount" | "by"> & {
  /** Whether the call is about a request, whose symbol and user are known. */
  readonly knowsRequest: boolean;
};

/** The clients of a region, or all clients where there is only one. */
export function clientsOf(region: string | undefined): Caller {
  return {
    region,
    standsFor: undefined,
    partition: 0,
    partitionCount: 1,
    by: undefined,
    knowsRequest: true,
  };
}

/** Directs calls to copies: to the one of the caller's region, or to the one that keeps the request's symbol or user. */
export class CallExpansion {
  readonly #copies: readonly Copy[];
  readonly #regions: readonly RegionSpec[];

  constructor(copies: readonly Copy[], regions: readonly RegionSpec[]) {
    this.#copies = copies;
    this.#regions = regions;
  }

  expand(call: CallSpec, caller: Caller, at: string): CallSpec {
    const targets = this.#targets(call, caller);
    const [only, second] = targets;
    if (only === undefined) return call;
    const { followedBy, ...own } = call;
    const next =
      followedBy === undefined
        ? {}
        : { followedBy: followedBy.map((each) => this.expand(each, caller, at)) };
    if (second === undefined) return { ...this.#directed(own, only, caller, at), ...next };
    const by = choiceKey(only, caller, call, at);
    const standbys = by === "symbol" ? this.#standbysOf(call) : [];
    return {
      to: call.to,
      choose: {
        by,
        regions: this.#layout(targets),
        among: [...targets, ...standbys].map((target) => this.#directed(own, target, caller, at)),
        ...(standbys.length === 0 ? {} : { standbys: standbys.map(standbyPlace) }),
      },
      ...next,
    };
  }

  /** A symbol has one home, wherever its caller is; everything else is called where the caller is. */
  #targets(call: CallSpec, caller: Caller): readonly Copy[] {
    const all = this.#copies.filter(({ declared }) => declared.id === call.to);
    // What is published for whoever reads it stays where it is published.
    const isPublished = call.operation?.startsWith("publish-") === true;
    const isOfSymbols = !isPublished && all.some(({ by }) => by === "symbol");
    const isBeside = caller.by === "symbol" && isOfSymbols;
    if (isOfSymbols && caller.knowsRequest && !isBeside) {
      return all.filter(({ standsFor }) => standsFor === undefined);
    }
    return relatedCopies(caller, this.#copies, call.to);
  }

  /** Copies that take the place of others when symbols are moved. */
  #standbysOf(call: CallSpec): readonly Copy[] {
    return this.#copies.filter(
      ({ declared, standsFor }) => declared.id === call.to && standsFor !== undefined,
    );
  }

  #directed(call: CallSpec, target: Copy, caller: Caller, at: string): CallSpec {
    const { fallback, calls, ...rest } = call;
    const callee: Caller = {
      region: target.region ?? caller.region,
      standsFor: target.standsFor,
      partition: target.partition,
      partitionCount: target.partitionCount,
      by: target.by,
      knowsRequest: caller.knowsRequest,
    };
    return {
      ...rest,
      to: target.id,
      ...(fallback === undefined ? {} : { fallback: this.expand(fallback, caller, at) }),
      ...(calls === undefined ? {} : { calls: calls.map((each) => this.expand(each, callee, at)) }),
    };
  }

  #layout(targets: readonly Copy[]) {
    const names = [...new Set(targets.map(({ region }) => region))];
    return names.map((name) => ({
      ...(name === undefined ? {} : { region: name }),
      share: this.#regions.find(({ id }) => id === name)?.share ?? 1,
      count: targets.filter(({ region }) => region === name).length,
    }));
  }
}

function standbyPlace({ standsFor, region, partition }: Copy): StandbyPlace {
  return { home: standsFor ?? "", region: region ?? "", partition: Math.max(0, partition - 1) };
}

function choiceKey(target: Copy, caller: Caller, call: CallSpec, at: string): PartitionKey {
  if (target.by !== undefined && caller.knowsRequest) return target.by;
  // What a component does on its own account is no request; it has something for each partition, and takes turns.
  if (target.by !== undefined && target.region === caller.region) return "item";
  throw new TwinError({
    code: "topology.copies-ambiguous",
    problem: `A call goes to "${call.to}", which stands in several regions, from a caller that stands in none`,
    remedy:
      "Let the caller stand in the same regions (inRegions), or name a component with one copy",
    at,
  });
}
