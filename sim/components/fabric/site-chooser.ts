import { none } from "../../kernel/none.ts";
import type { CallSite, SiteChoice } from "./call-sites.ts";
import { type PartitionKey, partitionOf, type RegionalPartitions } from "./partition-law.ts";
import type { RequestTable } from "./requests.ts";

/** Symbols or users whose place is worked out ahead; those beyond are worked out when they call. */
const tableMax = 65_536;

/** A way to share out keys; choices that do it alike have one table. */
interface Layout {
  readonly by: PartitionKey;
  readonly regions: readonly RegionalPartitions[];
  /** Copy by key. */
  readonly table: Uint16Array;
}

/** Which call a choice stands for, of a given request. A pure function of the topology, so it has no state. */
export class SiteChooser {
  /** Number of the choice by site; `none` for a call. */
  readonly #choiceOf: Int32Array;
  readonly #sites: readonly Int32Array[];
  readonly #layouts: readonly Layout[];
  readonly #requests: RequestTable;

  constructor(sites: readonly CallSite[], requests: RequestTable) {
    this.#requests = requests;
    this.#choiceOf = new Int32Array(sites.length).fill(none);
    const choices: SiteChoice[] = [];
    for (const { index, choice } of sites) {
      if (choice === undefined) continue;
      this.#choiceOf[index] = choices.length;
      choices.push(choice);
    }
    this.#sites = choices.map((choice) => Int32Array.from(choice.sites));
    const known = new Map<string, Layout>();
    this.#layouts = choices.map(({ by, regions }) => {
      const name = JSON.stringify([by, regions]);
      const layout = known.get(name) ?? newLayout(by, regions);
      known.set(name, layout);
      return layout;
    });
  }

  /** The call to make; `site` itself where there is nothing to choose. `data` is what the call is about. */
  chosen(site: number, data: number): number {
    const choice = this.#choiceOf[site]!;
    if (choice === none) return site;
    const { by, regions, table } = this.#layouts[choice]!;
    const key = this.#keyOf(by, data);
    return this.#sites[choice]![key < tableMax ? table[key]! : partitionOf(by, key, regions)]!;
  }

  #keyOf(by: PartitionKey, data: number): number {
    const { column } = this.#requests;
    if (by === "symbol") return column.symbol[data]!;
    return by === "user" ? column.user[data]! : data;
  }
}

function newLayout(by: PartitionKey, regions: readonly RegionalPartitions[]): Layout {
  const table = Uint16Array.from({ length: tableMax }, (_, key) => partitionOf(by, key, regions));
  return { by, regions, table };
}
