import type { CallSite, Operation } from "./call-sites.ts";
import { word } from "./frame-store.ts";
import { type RequestTable, requestKind } from "./requests.ts";
import type { ServingRules } from "./serving-rules.ts";

/** What an admission has to know of the calls that come. */
export interface AdmissionOptions {
  readonly words: Int32Array;
  readonly serving: ServingRules;
  readonly sites: readonly CallSite[];
  /** What the calls ask for, by site. */
  readonly operations: readonly Operation[];
  readonly requests: RequestTable;
  /** Flows of clients; the calls of later ones are components' own and not about requests. */
  readonly flowCount: number;
}

/** Whom an instance under load turns away and whom it serves first, where its component declares rules for that. */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Whether an instance takes on no more of this kind, whatever room it has. */
  isShed(frame: number, instance: number): boolean {
    const { serving } = this.#options;
    if (!serving.isSaturated(instance)) return false;
    return !(serving.heedsUrgency(instance) && this.#isUrgent(frame));
  }

  /** Whether a frame waits at the head of the line: where the newest or the urgent go first. */
  goesAhead(frame: number, instance: number): boolean {
    const { serving } = this.#options;
    return serving.isLifo(instance) || (serving.heedsUrgency(instance) && this.#isUrgent(frame));
  }

  /** A cancel makes a book smaller and its owner safer; a health check that waits in line measures the line. */
  #isUrgent(frame: number): boolean {
    const { words, operations, sites, flowCount, requests } = this.#options;
    const site = words[(frame << 5) + word.site]!;
    if (operations[site]!.urgent === true) return true;
    if (sites[site]!.flow >= flowCount) return false;
    const request = words[(frame << 5) + word.data]!;
    return requests.column.kind[request] === requestKind.cancelOrder;
  }
}
