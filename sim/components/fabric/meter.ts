import type { PriceKey } from "../../facts/prices/price-catalogue.ts";
import type { CallSite } from "./call-sites.ts";
import type { Component } from "./component.ts";
import type { ComponentSpecBase } from "./component-spec.ts";
import type { CostAssumptionValues } from "./cost-assumptions.ts";
import type { Fabric } from "./fabric.ts";

/** Hours of a month in a bill: 365 days of 24 hours over twelve, as the AWS calculator has it. */
export const hoursOfMonth = 730;

const hourUs = 3_600_000_000;

/** Months of a bill that so many days make. */
export function monthsOf(days: number): number {
  return (days * 24) / hoursOfMonth;
}

/** Bytes of a gigabyte in a bill. */
export const gigabyte = 1_073_741_824;

/**
 * A quantity that AWS bills, counted from the beginning of the run out of what the simulation did. Reading it changes
 * nothing: a meter looks at counters that exist anyway and costs the order path nothing.
 */
export interface Meter {
  /** What is asked for a unit, by key of the price catalogue. */
  readonly price: PriceKey;
  /** Region whose price holds. */
  readonly region: string;
  /** What is paid for, for people: `requests`, `vCPU of tasks`. */
  readonly what: string;
  /** Whether it grows with the requests, or with time whatever they do. */
  readonly follows: "load" | "time";
  /**
   * For what follows the load by scaling out: units an hour that are there at the least, so that a quiet hour is not
   * paid at less.
   */
  readonly leastPerHour?: number;
  /** Units for each request of a client, where the price has tiers; with the stated load it says which tier a month reaches. */
  readonly perClientRequest?: number;
  /** Units since the beginning of the run. */
  readonly read: () => number;
}

/** Makes meters of a region that follow the load and nothing but it: no least quantity, no tier. */
export function loadMetersIn(
  region: string,
): (price: PriceKey, what: string, read: Meter["read"]) => Meter {
  return (price, what, read) => ({ price, region, what, follows: "load", read });
}

/** What a meter is made of. */
export interface MeterSource<Spec extends ComponentSpecBase = ComponentSpecBase> {
  readonly fabric: Fabric;
  readonly component: Component;
  readonly spec: Spec;
  /** Region the component is billed in. */
  readonly region: string;
  readonly assume: CostAssumptionValues;
  /** Bytes of an answer to a client, by flow: mean over the requests that take it. */
  answerBytes(flow: number): number;
  /** The same over all requests of the workload. */
  readonly meanAnswerBytes: number;
}

/** A count of the component by the name of its channel. */
export function channelOf(component: Component, name: string): () => number {
  const channel = component.channels().find((each) => each.name === name);
  if (channel === undefined) {
    throw new RangeError(`component "${component.id}" has no channel "${name}" for its meter`);
  }
  return () => channel.read();
}

/** Calls of an operation that the component was sent, whatever became of them. */
export function callsOf(source: MeterSource, operation: string): () => number {
  const { operations } = source.component;
  return callsAt(source, (site) => operations[site.operation]?.name === operation);
}

function callsAt(
  { fabric, component }: MeterSource,
  counts: (site: CallSite) => boolean,
): () => number {
  const sites = fabric.sites
    .filter((site) => site.component === component.index && counts(site))
    .map((site) => site.index);
  return () => {
    let total = 0;
    for (const site of sites) total += fabric.calls.siteCalls[site]!;
    return total;
  };
}

/** Bytes of the answers to clients that went through the component. */
export function answeredBytes(source: MeterSource): () => number {
  const { fabric, component } = source;
  const sites = fabric.sites.filter((site) => site.component === component.index);
  const bytes = sites.map((site) => source.answerBytes(site.flow));
  return () => {
    let total = 0;
    for (let at = 0; at < sites.length; at += 1) {
      total += fabric.calls.siteSuccesses[sites[at]!.index]! * bytes[at]!;
    }
    return total;
  };
}

/** Hours that the component's instances have been paid for, over all of them. */
export function instanceHours({ fabric, component }: MeterSource): () => number {
  return () => fabric.instances.billedUs(component.index) / hourUs;
}

/** Hours since the beginning of the run. */
export function hoursPassed({ fabric }: MeterSource): () => number {
  return () => fabric.kernel.nowUs / hourUs;
}

/** Months since the beginning of the run. */
export function monthsPassed(source: MeterSource): () => number {
  const hours = hoursPassed(source);
  return () => hours() / hoursOfMonth;
}

/** A quantity times a number. */
export function times(factor: number, quantity: () => number): () => number {
  return () => factor * quantity();
}
