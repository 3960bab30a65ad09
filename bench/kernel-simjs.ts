/** The peer of bench/kernel.ts on npm: `kernel-simjs.ts CUSTOMERS` runs M/M/1 at load 0.9 on simjs's facility. */
import { createRequire } from "node:module";

/** As much of simjs as is used here; the package has no types. */
interface Simjs {
  readonly Sim: new () => {
    addEntity(entity: unknown): void;
    simulate(until: number): void;
  };
  readonly Entity: new (
    name: string,
  ) => {
    setTimer(delay: number): { done(run: () => void): void };
    useFacility(facility: unknown, duration: number): unknown;
  };
  readonly Facility: new (
    name: string,
  ) => { queueStats(): { durationSeries: { average(): number } } };
  readonly Random: new (seed: number) => { exponential(rate: number): number };
}

// The package exports nothing: it hangs itself on `window`.
const page = globalThis as unknown as { window: unknown };
page.window = globalThis;
createRequire(import.meta.url)("simjs");
const { Sim, Entity, Facility, Random } = (globalThis as unknown as { Sim: Simjs }).Sim;

/** Millions of events a second, and the mean wait in mean services. */
function runFor(customers: number): readonly [rate: number, wait: number] {
  const random = new Random(1);
  const desk = new Facility("desk");
  class Source extends Entity {
    start(): void {
      this.useFacility(desk, random.exponential(1 / 900));
      this.setTimer(random.exponential(1 / 1000)).done(() => this.start());
    }
  }
  const sim = new Sim();
  sim.addEntity(Source);
  const before = process.cpuUsage();
  sim.simulate(customers * 1000);
  const { user, system } = process.cpuUsage(before);
  const wait = desk.queueStats().durationSeries.average() / 900;
  return [(customers * 2) / (user + system), wait];
}

runFor(50_000);
console.log(runFor(Number(process.argv[2])).join(" "));
