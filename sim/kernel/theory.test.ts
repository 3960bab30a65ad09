import { expect, test } from "vitest";
import type { Distribution } from "./distributions/distribution.ts";
import { compileQuantiles } from "./distributions/quantile-table.ts";
import { createKernel } from "./kernel.ts";
import { none } from "./none.ts";
import { Tally } from "./statistics/tally.ts";

/** Customers meet `servers` equal servers in the order of arrival; times in microseconds. */
interface QueueModel {
  readonly arrivalMeanUs: number;
  readonly service: Distribution;
  readonly servers: number;
}

interface QueueResult {
  readonly waitMeanUs: number;
  readonly inSystemMean: number;
  readonly busyMean: number;
  readonly ratePerUs: number;
  readonly stayMeanUs: number;
}

function simulate(model: QueueModel, customers: number, seed: number): QueueResult {
  const kernel = createKernel({ seed, programVersion: "test" });
  const arrivals = kernel.stream("arrivals");
  const keyed = kernel.keyed("service");
  const service = compileQuantiles(model.service);
  const line = kernel.queue("line", customers);
  const arrivedUs = kernel.float64Array("arrived", customers);
  const inSystem = kernel.level("in system");
  const busy = kernel.level("busy");
  const waits = kernel.tally("waits");
  const stays = kernel.tally("stays");

  const begin = (customer: number) => {
    busy.add(1);
    waits.record(kernel.nowUs - arrivedUs[customer]!);
    kernel.schedule(Math.floor(keyed.draw(service, customer, 0, 0) + 0.5), leave, customer);
  };
  const arrive = kernel.handler("arrive", (customer) => {
    arrivedUs[customer] = kernel.nowUs;
    inSystem.add(1);
    if (busy.value < model.servers) begin(customer);
    else line.push(customer);
    if (customer + 1 < customers) {
      kernel.schedule(
        Math.floor(arrivals.exponential(model.arrivalMeanUs) + 0.5),
        arrive,
        customer + 1,
      );
    }
  });
  const leave = kernel.handler("leave", (customer) => {
    busy.add(-1);
    inSystem.add(-1);
    stays.record(kernel.nowUs - arrivedUs[customer]!);
    const next = line.shift();
    if (next !== none) begin(next);
  });

  kernel.schedule(0, arrive, 0);
  while (kernel.step()) {
    // Until the last customer has left.
  }
  return {
    waitMeanUs: waits.mean(),
    stayMeanUs: stays.mean(),
    inSystemMean: inSystem.mean(),
    busyMean: busy.mean(),
    ratePerUs: stays.count / kernel.nowUs,
  };
}

/** Mean wait by Erlang's C formula. */
function erlangWait(arrivalMean: number, serviceMean: number, servers: number): number {
  const offered = serviceMean / arrivalMean;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < servers; k += 1) {
    term *= offered / k;
    sum += term;
  }
  const full = ((term * offered) / servers) * (servers / (servers - offered));
  return ((full / (sum + full)) * serviceMean) / (servers - offered);
}

/** Mean wait by Pollaczek and Khinchin's formula. */
function singleServerWait(arrivalMean: number, serviceMean: number, serviceSquare: number): number {
  return serviceSquare / arrivalMean / 2 / (1 - serviceMean / arrivalMean);
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const mean = 10_000;

test.each<[string, QueueModel, number]>([
  [
    "M/M/1 at load 0.8",
    { arrivalMeanUs: mean / 0.8, service: { kind: "exponential", mean }, servers: 1 },
    erlangWait(mean / 0.8, mean, 1),
  ],
  [
    "M/M/5 at load 0.85",
    { arrivalMeanUs: mean / 4.25, service: { kind: "exponential", mean }, servers: 5 },
    erlangWait(mean / 4.25, mean, 5),
  ],
  [
    "M/D/1 at load 0.8",
    { arrivalMeanUs: mean / 0.8, service: { kind: "deterministic", value: mean }, servers: 1 },
    singleServerWait(mean / 0.8, mean, mean * mean),
  ],
  [
    "M/E4/1 at load 0.7",
    { arrivalMeanUs: mean / 0.7, service: { kind: "erlang", shape: 4, mean }, servers: 1 },
    singleServerWait(mean / 0.7, mean, 1.25 * mean * mean),
  ],
  [
    "M/H2/1 at load 0.6",
    {
      arrivalMeanUs: mean / 0.6,
      service: { kind: "hyperexponential", means: [2000, 82_000], weights: [9, 1] },
      servers: 1,
    },
    singleServerWait(mean / 0.6, mean, 2 * (0.9 * 2000 ** 2 + 0.1 * 82_000 ** 2)),
  ],
])("%s: the mean wait is that of theory, and Little's law holds", (_, model, expected) => {
  const tally = new Tally();
  for (const seed of seeds) {
    const result = simulate(model, 150_000, seed);
    tally.record(result.waitMeanUs);
    expect(result.inSystemMean / (result.ratePerUs * result.stayMeanUs)).toBeCloseTo(1, 9);
  }
  // Student's t with 9 degrees of freedom exceeds 6.6 by chance once in 10,000.
  const t = (tally.mean() - expected) / Math.sqrt(tally.variance() / seeds.length);
  expect(Math.abs(t), `${tally.mean()} for ${expected}`).toBeLessThan(6.6);
  expect(Math.abs(tally.mean() / expected - 1)).toBeLessThan(0.05);
});

test("D/D/1 at full load never waits, and at load 1.25 the line grows by one in five", () => {
  for (const [arrivalMeanUs, wait] of [
    [10, 0],
    [8, ((1000 - 1) * 2) / 2],
  ] as const) {
    const kernel = createKernel({ seed: 1, programVersion: "test" });
    const waits = kernel.tally("waits");
    let freeUs = 0;
    const arrive = kernel.handler("arrive", (customer) => {
      const startUs = Math.max(kernel.nowUs, freeUs);
      waits.record(startUs - kernel.nowUs);
      freeUs = startUs + 10;
      if (customer + 1 < 1000) kernel.schedule(arrivalMeanUs, arrive, customer + 1);
    });
    kernel.schedule(0, arrive, 0);
    kernel.runUntil(1e6);
    expect(waits.mean()).toBe(wait);
  }
});
