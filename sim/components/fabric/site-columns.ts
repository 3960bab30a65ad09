import type { CallSite, Operation } from "./call-sites.ts";
import type { Callee } from "./callee.ts";

/**
 * What a step of a call asks of its site, in columns. A platform has hundreds of sites, whose objects lie scattered: a
 * step that comes to one for a single number waits for memory. None of it changes during a run.
 */
export class SiteColumns {
  readonly lane: Int32Array;
  readonly firstCall: Int32Array;
  readonly nextCall: Int32Array;
  /** 1 where the component says how the call ends when its work is done. */
  readonly decides: Uint8Array;
  /** 1 where the component only passes calls on. */
  readonly passesThrough: Uint8Array;

  /** `callees` and `operations` are those that the calls ask for, by site. */
  constructor(
    sites: readonly CallSite[],
    callees: readonly Callee[],
    operations: readonly Operation[],
  ) {
    this.lane = Int32Array.from(sites, ({ lane }) => lane);
    this.firstCall = Int32Array.from(sites, ({ firstCall }) => firstCall);
    this.nextCall = Int32Array.from(sites, ({ nextCall }) => nextCall);
    this.decides = Uint8Array.from(sites, (_, site) =>
      callees[site]!.worked !== undefined && operations[site]!.decides === true ? 1 : 0,
    );
    this.passesThrough = Uint8Array.from(callees, (callee) => (callee.passesThrough ? 1 : 0));
  }
}
