import { none } from "../../kernel/none.ts";
import type { CallSite, SiteChoice } from "./call-sites.ts";
import { type PartitionKey, partitionOf, type RegionalPartitions } from "./partition-law.ts";
import type { RegionHomes } from "./region-homes.ts";
import type { RequestTable } from "./requests.ts";

/** Symbols or users whose place is worked out ahead; those beyond are worked out when they call. */
const tableMax = 65_536;

/** A way to share out keys; choices that do it alike have one table. */
interface Layout {
  readonly by: PartitionKey;
  readonly regions: readonly RegionalPartitions[];
  /** Copy by key. */
  readonly table: Uint16Array;
  /** Region of each copy by its number among `homes`, and the first copy of each region of the layout. */
  readonly regionOf: readonly number[];
  readonly first: readonly number[];
  /** Copies that stand by, after those of the regions, with regions by their numbers among `homes`. */
  readonly standbys: readonly {
    readonly home: number;
    readonly region: number;
    readonly partition: number;
  }[];
}

/** Which call a choice stands for, of a given request: the topology says, and where symbols were moved to. It has no state. */
export class SiteChooser {
  /** Number of the choice by site; `none` for a call. */
  readonly #choiceOf: Int32Array;
  readonly #sites: readonly Int32Array[];
  readonly #layouts: readonly Layout[];
  readonly #requests: RequestTable;
  readonly #homes: RegionHomes;

  constructor(sites: readonly CallSite[], requests: RequestTable, homes: RegionHomes) {
    this.#requests = requests;
    this.#homes = homes;
    this.#choiceOf = new Int32Array(sites.length).fill(none);
    const choices: SiteChoice[] = [];
    for (const { index, choice } of sites) {
      if (choice === undefined) continue;
      this.#choiceOf[index] = choices.length;
      choices.push(choice);
    }
    this.#sites = choices.map((choice) => Int32Array.from(choice.sites));
    const known = new Map<string, Layout>();
    this.#layouts = choices.map((choice) => {
      const name = JSON.stringify([choice.by, choice.regions, choice.standbys]);
      const layout = known.get(name) ?? newLayout(choice, homes);
      known.set(name, layout);
      return layout;
    });
  }

  /** The call to make; `site` itself where there is nothing to choose. `data` is what the call is about. */
  chosen(site: number, data: number): number {
    const choice = this.#choiceOf[site]!;
    if (choice === none) return site;
    const layout = this.#layouts[choice]!;
    const { by, regions, table } = layout;
    const key = this.#keyOf(by, data);
    const copy = key < tableMax ? table[key]! : partitionOf(by, key, regions);
    const isMoved = by === "symbol" && this.#homes.areSymbolsMoved;
    return this.#sites[choice]![isMoved ? this.#movedCopy(layout, copy) : copy]!;
  }

  /**
   * The copy that keeps what belongs to a copy now: its standby in the region that its symbols were moved to, else the same
   * partition there.
   */
  #movedCopy({ regions, regionOf, first, standbys }: Layout, copy: number): number {
    const home = regionOf[copy]!;
    if (home === none) return copy;
    const from = first.indexOf(first.findLast((each) => each <= copy)!);
    const partition = copy - first[from]!;
    const now = this.#homes.symbolsOf(home, partition);
    if (now === home) return copy;
    const standby = standbys.findIndex(
      (each) => each.home === home && each.region === now && each.partition === partition,
    );
    if (standby >= 0) return regionOf.length + standby;
    const to = first.findIndex((each) => regionOf[each] === now);
    return to < 0 ? copy : first[to]! + (partition % regions[to]!.count);
  }

  #keyOf(by: PartitionKey, data: number): number {
    const { column } = this.#requests;
    if (by === "symbol") return column.symbol[data]!;
    return by === "user" ? column.user[data]! : data;
  }
}

function newLayout({ by, regions, standbys }: SiteChoice, homes: RegionHomes): Layout {
  const table = Uint16Array.from({ length: tableMax }, (_, key) => partitionOf(by, key, regions));
  const first = regions.map((_, at) =>
    regions.slice(0, at).reduce((sum, { count }) => sum + count, 0),
  );
  const regionOf = regions.flatMap(({ region, count }) =>
    Array.from({ length: count }, () => homes.regions.indexOf(region ?? "")),
  );
  const numbered = standbys.map(({ home, region, partition }) => ({
    home: homes.regions.indexOf(home),
    region: homes.regions.indexOf(region),
    partition,
  }));
  return { by, regions, table, regionOf, first, standbys: numbered };
}
