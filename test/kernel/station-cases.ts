/** More of theory's families, several stations or a procedure each. */

import { unitUs } from "./effort.ts";
import {
  birthDeath,
  closedThroughput,
  erlangC,
  meanOver,
  pollaczek,
  shorterOfTwoSampled,
  stationary,
  transientLaw,
} from "./markov.ts";
import * as networks from "./network-models.ts";
import * as models from "./station-models.ts";
import type { TheoryCase } from "./theory-case.ts";

/** State = number waiting * 2 + 1 while the ferry is away; it leaves with up to `together` as soon as anybody waits. */
const bulkLaw = (rate: number, together: number) => {
  const most = 400;
  const law = stationary(most * 2, (state) => {
    const waiting = state >> 1;
    if ((state & 1) === 0) return waiting === 0 ? [{ to: 1, rate }] : [{ to: 0, rate: 1 }];
    const left = Math.max(0, waiting - together);
    const moves = [{ to: waiting === 0 ? 0 : left * 2 + 1, rate: 1 }];
    return waiting + 1 < most ? [...moves, { to: state + 2, rate }] : moves;
  });
  return meanOver(law, (state) => state >> 1);
};

/** State = number between tries * 3 + servers busy, of two. */
const retrialLaw = (rate: number, pauseMean: number) => {
  const most = 200;
  const law = stationary(most * 3, (state) => {
    const orbit = Math.floor(state / 3);
    const busy = state % 3;
    const moves = busy > 0 ? [{ to: state - 1, rate: busy }] : [];
    if (busy < 2) {
      moves.push({ to: state + 1, rate });
      if (orbit > 0) moves.push({ to: state - 3 + 1, rate: orbit / pauseMean });
    } else if (orbit + 1 < most) moves.push({ to: state + 3, rate });
    return moves;
  });
  return meanOver(law, (state) => Math.floor(state / 3));
};

/** State = those before the end of the first work * (places + 3) + those beyond it, a blocked one included. */
const tandemLaw = (rate: number, places: number) => {
  const most = 150;
  const width = places + 3;
  const law = stationary(most * width, (state) => {
    const before = Math.floor(state / width);
    const beyond = state % width;
    const moves = beyond > 0 ? [{ to: state - 1, rate: 1 }] : [];
    if (before > 0 && beyond < places + 2) moves.push({ to: state - width + 1, rate: 1 });
    if (before + 1 < most) moves.push({ to: state + width, rate });
    return moves;
  });
  return meanOver(law, (state) => Math.floor(state / width) + (state % width));
};

/** A line of three: those at the second (a blocked first one included), those at the third (a blocked second one included). */
const lineOfThreeLaw = (places: readonly [number, number], lastMean: number) => {
  const width = places[1] + 3;
  const law = stationary((places[0] + 3) * width, (state) => {
    const second = Math.floor(state / width);
    const third = state % width;
    const secondIsBlocked = third === places[1] + 2;
    const room = places[0] + (secondIsBlocked ? 0 : 1);
    const moves = third > 0 ? [{ to: state - 1, rate: 1 / lastMean }] : [];
    if (second <= room) moves.push({ to: state + width, rate: 1 });
    if (second > 0 && !secondIsBlocked) moves.push({ to: state - width + 1, rate: 1 });
    return moves;
  });
  return meanOver(law, (state) => (state % width > 0 ? 1 / lastMean : 0));
};

/** Three stations: two of five go from the first to the second and the rest to the third; a third comes back. */
const threeStations: readonly models.Station[] = [
  { servers: 1, workMean: 0.5, next: [0, 0.4, 0.6] },
  { servers: 2, workMean: 2, next: [0.25, 0, 0] },
  { servers: 3, workMean: 2, next: [0.25, 0, 0] },
];
const jackson = () => {
  // Of every visit to the first a quarter comes back.
  const first = 0.9 / 0.75;
  const [a, b, c] = [first * 0.5, first * 0.4 * 2, first * 0.6 * 2];
  const number = (load: number, servers: number) =>
    load + (erlangC(servers, load) * load) / (servers - load);
  const empty = (load: number, servers: number) =>
    birthDeath(
      200,
      () => load,
      (n) => Math.min(n, servers),
    )[0] ?? 0;
  return {
    number: number(a, 1) + number(b, 2) + number(c, 3),
    empty: empty(a, 1) * empty(b, 2) * empty(c, 3),
  };
};

/** Jobs go from the processor to one of two disks and back: product of each station's weights (Gordon and Newell). */
const centralServer: readonly models.Station[] = [
  { servers: 1, workMean: 0.4, next: [0, 0.7, 0.3] },
  { servers: 1, workMean: 0.5, next: [1, 0, 0] },
  { servers: 2, workMean: 2, next: [1, 0, 0] },
];
const gordonNewell = (jobs: number, seen: (present: readonly number[]) => number) => {
  const demands = [0.4, 0.35, 0.6];
  const weight = (station: number, present: number) => {
    let product = 1;
    for (let n = 1; n <= present; n += 1) {
      product *= (demands[station] ?? 0) / Math.min(n, centralServer[station]?.servers ?? 1);
    }
    return product;
  };
  let sum = 0;
  let total = 0;
  for (let a = 0; a <= jobs; a += 1) {
    for (let b = 0; a + b <= jobs; b += 1) {
      const present = [a, b, jobs - a - b];
      const mass = present.reduce((product, n, station) => product * weight(station, n), 1);
      total += mass;
      sum += mass * seen(present);
    }
  }
  return sum / total;
};

/** At many servers of which two are looked at, at least k are present with probability load^(2^k - 1). */
const manyServersMean = (load: number) => {
  let sum = 0;
  for (let k = 1; k < 10; k += 1) sum += load ** (2 ** k - 1);
  return sum;
};

const isOne = (holds: boolean) => (holds ? 1 : 0);

/** Families that need several stations, or a procedure around one. */
export const stationCases: readonly TheoryCase[] = [
  ...([
    [1.5, 3],
    [4, 6],
  ].map(([rate = 0, together = 0]) => ({
    name: `bulk service of up to ${together} at rate ${rate}, waiting`,
    expected: () => bulkLaw(rate, together),
    measure: (effort) => models.bulkService(effort, rate, together),
  })) satisfies TheoryCase[]),
  {
    name: "M/M/2/2 with retrials, number between tries",
    expected: () => retrialLaw(1.3, 1.5),
    measure: (effort) => models.retrialsOfMany(effort, 1.3, 2, 1.5),
  },
  {
    name: "M/M/1/1 with quick retrials, number between tries",
    expected: () => (0.25 / 0.5) * (1 + 0.2),
    measure: (effort) => models.retrialsOfMany(effort, 0.5, 1, 0.2),
  },
  ...[0, 2].map(
    (places): TheoryCase => ({
      name: `M/M/1 before a blocking one, ${places} places, number`,
      expected: () => tandemLaw(0.5, places),
      measure: (effort) => models.blockedTandem(effort, 0.5, places),
    }),
  ),
  {
    name: "three stations, 1 and 0 places between, throughput",
    expected: () => lineOfThreeLaw([1, 0], 1),
    measure: (effort) => models.blockedLineOfThree(effort, [1, 0], 1),
  },
  {
    name: "three stations, 2 and 1 places, slow last, throughput",
    expected: () => lineOfThreeLaw([2, 1], 1.5),
    measure: (effort) => models.blockedLineOfThree(effort, [2, 1], 1.5),
  },
  {
    name: "Jackson network of three, number",
    expected: () => jackson().number,
    measure: (effort) =>
      models.network(effort, threeStations, { rates: [0.9, 0, 0] }, (present) =>
        present.reduce((sum, n) => sum + n, 0),
      ),
  },
  {
    name: "Jackson network of three, P(all empty)",
    expected: () => jackson().empty,
    measure: (effort) =>
      models.network(effort, threeStations, { rates: [0.9, 0, 0] }, (present) =>
        isOne(present.every((n) => n === 0)),
      ),
  },
  {
    name: "closed network of 6 jobs, P(4 at the processor)",
    expected: () => gordonNewell(6, ([n]) => isOne(n === 4)),
    measure: (effort) =>
      models.network(effort, centralServer, { jobs: 6 }, ([n]) => isOne(n === 4)),
  },
  {
    name: "closed network of 6 jobs, number at two servers",
    expected: () => gordonNewell(6, (present) => present[2] ?? 0),
    measure: (effort) =>
      models.network(effort, centralServer, { jobs: 6 }, (present) => present[2] ?? 0),
  },
  {
    name: "closed ring of two, 10 jobs, throughput",
    expected: () => closedThroughput([1, 0.8], 10),
    measure: (effort) => networks.ring(effort, [1, 0.8], 10),
  },
  {
    name: "shorter of two of 4, load 0.8, number at one",
    expected: () => shorterOfTwoSampled(4, 0.8, 13),
    measure: (effort) => models.shorterOfTwoSampled(effort, 4, 0.8),
  },
  {
    name: "shorter of two of 1000, load 0.5, number at one",
    expected: () => manyServersMean(0.5),
    // A thousand servers are not in their stride after four customers each.
    measure: ({ seed, customers }) =>
      models.shorterOfTwoSampled({ seed, customers: Math.max(customers, 40_000) }, 1000, 0.5),
  },
  {
    name: "fork-join of two, load 0.4, stay",
    expected: () => (12 - 0.4) / 8 / 0.6,
    measure: (effort) => networks.forkJoin(effort, 0.4),
  },
  {
    name: "M/M/1 with vacations of exponential mean 3, wait",
    expected: () => pollaczek(0.5, 1, 2) + 3,
    measure: (effort) => networks.vacations(effort, 0.5, { kind: "exponential", mean: 3 * unitUs }),
  },
  {
    name: "M/M/1 with single vacations of exponential mean 2, wait",
    expected: () => pollaczek(0.6, 1, 2) + (0.6 * 8) / 2 / (1 / (1 + 1.2) + 0.6 * 2),
    measure: (effort) =>
      models.singleVacations(effort, 0.6, { kind: "exponential", mean: 2 * unitUs }),
  },
  {
    name: "interrupted work of 1 at load 0.6, resumed",
    expected: () => 1 / 0.4,
    measure: (effort) => networks.interruptedWork(effort, 0.6, 1, "resume"),
  },
  {
    name: "interrupted work of 1 at load 0.6, begun again",
    expected: () => (Math.exp(0.6) - 1) * (1 / 0.6 + 1 / 0.4),
    measure: (effort) => networks.interruptedWork(effort, 0.6, 1, "restart"),
  },
  {
    name: "M/M/1 from empty, P(empty) at 5, load 0.9",
    expected: () => transientLaw(0.9, 1, 5)[0] ?? Number.NaN,
    measure: (effort) => models.fromEmpty(effort, 0.9, 1, 5, (n) => isOne(n === 0)),
  },
  {
    name: "M/M/3 from empty, number at 2, load 1.2",
    expected: () => meanOver(transientLaw(3.6, 3, 2), (n) => n),
    measure: (effort) => models.fromEmpty(effort, 3.6, 3, 2, (n) => n),
  },
  {
    name: "machine shop, 10 machines, 3 menders, broken",
    expected: () =>
      meanOver(
        birthDeath(
          11,
          (n) => (10 - n) / 5,
          (n) => Math.min(n, 3),
        ),
        (n) => n,
      ),
    measure: (effort) => networks.machineShop(effort, 10, 3, 5),
  },
  {
    name: "gathering batches of 10, wait",
    expected: () => 9 / 2,
    measure: (effort) => networks.gathering(effort, 1, 10),
  },
];
