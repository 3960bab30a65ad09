/** What a queueing theorist computes with a pencil: stationary laws, from balance equations alone. Times in mean services. */

/** Stationary law of a birth-and-death chain with states 0, 1, ..., `states - 1`. */
export function birthDeath(
  states: number,
  birth: (state: number) => number,
  death: (state: number) => number,
): number[] {
  const law = [1];
  let sum = 1;
  for (let state = 1; state < states; state += 1) {
    const weight = ((law[state - 1] ?? 0) * birth(state - 1)) / death(state);
    law.push(weight);
    sum += weight;
  }
  return law.map((weight) => weight / sum);
}

/** Mean of a function of the state. */
export function meanOver(law: readonly number[], value: (state: number) => number): number {
  return law.reduce((sum, weight, state) => sum + weight * value(state), 0);
}

/** One move of a Markov chain. */
export interface Move {
  readonly to: number;
  readonly rate: number;
}

/** Stationary law of any finite chain, by repeated substitution (Gauss and Seidel). */
export function stationary(states: number, moves: (state: number) => readonly Move[]): number[] {
  const into: { from: number; rate: number }[][] = Array.from({ length: states }, () => []);
  const out = new Array<number>(states).fill(0);
  for (let state = 0; state < states; state += 1) {
    for (const { to, rate } of moves(state)) {
      into[to]?.push({ from: state, rate });
      out[state] = (out[state] ?? 0) + rate;
    }
  }
  const law = new Array<number>(states).fill(1 / states);
  for (let round = 0; round < 20_000; round += 1) {
    let change = 0;
    for (let state = 0; state < states; state += 1) {
      let inflow = 0;
      for (const { from, rate } of into[state] ?? []) inflow += (law[from] ?? 0) * rate;
      // Nine tenths of the way: all of it may go round in a ring for ever.
      const gap = 0.9 * (inflow / (out[state] ?? 1) - (law[state] ?? 0));
      change += Math.abs(gap);
      law[state] = (law[state] ?? 0) + gap;
    }
    const sum = law.reduce((total, weight) => total + weight, 0);
    for (let state = 0; state < states; state += 1) law[state] = (law[state] ?? 0) / sum;
    if (change < 1e-11) return law;
  }
  throw new Error("The stationary law was not found");
}

/** Probability of waiting in M/M/c (Erlang's C formula) with `offered` services' worth of load. */
export function erlangC(servers: number, offered: number): number {
  const loss = erlangB(servers, offered);
  return (servers * loss) / (servers - offered * (1 - loss));
}

/** Probability of loss in M/G/c/c (Erlang's B formula). */
export function erlangB(servers: number, offered: number): number {
  let loss = 1;
  for (let k = 1; k <= servers; k += 1) loss = (offered * loss) / (k + offered * loss);
  return loss;
}

/** Mean wait in M/G/1 (Pollaczek and Khinchin), with the square of the service. */
export function pollaczek(rate: number, serviceMean: number, serviceSquare: number): number {
  return (rate * serviceSquare) / 2 / (1 - rate * serviceMean);
}

/** Mean wait in M/D/c, from the number in the system one service apart (Crommelin). */
export function crommelinWait(rate: number, servers: number): number {
  const states = 400;
  const arrivals = [Math.exp(-rate)];
  for (let k = 1; k < states; k += 1) arrivals.push(((arrivals[k - 1] ?? 0) * rate) / k);
  let law = new Array<number>(states).fill(1 / states);
  for (let round = 0; round < 4000; round += 1) {
    const next = new Array<number>(states).fill(0);
    for (let state = 0; state < states; state += 1) {
      const left = Math.max(0, state - servers);
      for (let k = 0; left + k < states && k < 60; k += 1) {
        next[left + k] = (next[left + k] ?? 0) + (law[state] ?? 0) * (arrivals[k] ?? 0);
      }
    }
    const change = next.reduce((sum, weight, i) => sum + Math.abs(weight - (law[i] ?? 0)), 0);
    law = next;
    if (change < 1e-13) break;
  }
  return meanOver(law, (state) => Math.max(0, state - servers)) / rate;
}

/** The root below 1 of x = transform(1 - x), by which a G/M/1 queue is solved. */
export function arrivalRoot(transform: (s: number) => number): number {
  let x = 0.5;
  for (let round = 0; round < 10_000; round += 1) x = transform(1 - x);
  return x;
}

/** Mean of a function over exponential services of mean 1, and the load up to each size, by the trapezoid rule. */
export function overExponentialSizes(
  rate: number,
  value: (size: number, loadBelow: number, squareBelow: number, timeInflated: number) => number,
): number {
  const step = 1e-3;
  let sum = 0;
  let loadBelow = 0;
  let squareBelow = 0;
  let timeInflated = 0;
  for (let size = step / 2; size < 40; size += step) {
    const density = Math.exp(-size) * step;
    const half = density / 2;
    loadBelow += rate * size * half;
    squareBelow += size * size * half;
    timeInflated += step / 2 / (1 - loadBelow);
    sum += density * value(size, loadBelow, squareBelow, timeInflated);
    loadBelow += rate * size * half;
    squareBelow += size * size * half;
    timeInflated += step / 2 / (1 - loadBelow);
  }
  return sum;
}

/** Mean number in M/M/1 at an instant, begun empty, by uniformisation. */
export function transientMean(rate: number, at: number): number {
  const states = 200;
  const speed = rate + 1;
  let law = [1, ...new Array<number>(states - 1).fill(0)];
  let weight = Math.exp(-speed * at);
  let mean = 0;
  for (let jump = 0; jump < 1000; jump += 1) {
    mean += weight * meanOver(law, (state) => state);
    weight *= (speed * at) / (jump + 1);
    const next = new Array<number>(states).fill(0);
    for (let state = 0; state < states; state += 1) {
      const up = Math.min(states - 1, state + 1);
      const down = Math.max(0, state - 1);
      next[up] = (next[up] ?? 0) + ((law[state] ?? 0) * rate) / speed;
      next[down] = (next[down] ?? 0) + (law[state] ?? 0) / speed;
    }
    law = next;
  }
  return mean;
}

/** Mean customers and throughput of a closed network of single exponential servers (mean-value analysis). */
export function closedThroughput(demands: readonly number[], population: number): number {
  let present = demands.map(() => 0);
  let throughput = 0;
  for (let n = 1; n <= population; n += 1) {
    const stays = demands.map((demand, i) => demand * (1 + (present[i] ?? 0)));
    throughput = n / stays.reduce((sum, stay) => sum + stay, 0);
    present = stays.map((stay) => stay * throughput);
  }
  return throughput;
}

/** Law of the number in M/M/c (or, with `patience`, M/M/c+M) with room for a great many. */
export function manyServersLaw(rate: number, servers: number, states = 400): number[] {
  return birthDeath(
    states,
    () => rate,
    (n) => Math.min(n, servers),
  );
}

/** Law of the number in M/M/c at an instant, begun empty, by uniformisation. */
export function transientLaw(rate: number, servers: number, at: number): number[] {
  const states = 200;
  const speed = rate + servers;
  const total = new Array<number>(states).fill(0);
  let law = [1, ...new Array<number>(states - 1).fill(0)];
  let weight = Math.exp(-speed * at);
  for (let jump = 0; jump < 1000; jump += 1) {
    for (let n = 0; n < states; n += 1) total[n] = (total[n] ?? 0) + weight * (law[n] ?? 0);
    weight *= (speed * at) / (jump + 1);
    const next = new Array<number>(states).fill(0);
    for (let n = 0; n < states; n += 1) {
      const death = Math.min(n, servers);
      const mass = (law[n] ?? 0) / speed;
      const up = Math.min(states - 1, n + 1);
      next[up] = (next[up] ?? 0) + mass * rate;
      if (n > 0) next[n - 1] = (next[n - 1] ?? 0) + mass * death;
      next[n] = (next[n] ?? 0) + mass * (servers - death);
    }
    law = next;
  }
  return total;
}

/** Mean wait in D/M/c: the number that an arrival finds, from one arrival to the next, which finds some of them gone. */
export function fixedArrivalsWait(rate: number, servers: number): number {
  const states = 150;
  const gap = 1 / rate;
  let law = [1, ...new Array<number>(states - 1).fill(0)];
  for (let round = 0; round < 2000; round += 1) {
    const before = law;
    let present = [0, ...law.slice(0, states - 1)];
    const after = new Array<number>(states).fill(0);
    let weight = Math.exp(-servers * gap);
    for (let jump = 0; jump < 60; jump += 1) {
      for (let n = 0; n < states; n += 1) after[n] = (after[n] ?? 0) + weight * (present[n] ?? 0);
      weight *= (servers * gap) / (jump + 1);
      const next = new Array<number>(states).fill(0);
      for (let n = 0; n < states; n += 1) {
        const death = Math.min(n, servers) / servers;
        if (n > 0) next[n - 1] = (next[n - 1] ?? 0) + (present[n] ?? 0) * death;
        next[n] = (next[n] ?? 0) + (present[n] ?? 0) * (1 - death);
      }
      present = next;
    }
    law = after;
    if (law.reduce((sum, weight2, n) => sum + Math.abs(weight2 - (before[n] ?? 0)), 0) < 1e-13) {
      break;
    }
  }
  return meanOver(law, (n) => Math.max(0, n - servers + 1)) / servers;
}

/** Mean wait in PH/M/c whose gaps are one exponential of rate `rates[i]` with probability `parts[i]`, `stages` times. */
export function phasedArrivalsWait(
  servers: number,
  stages: number,
  parts: readonly number[],
  rates: readonly number[],
): number {
  const phases = parts.length * stages;
  const numberMax = 150;
  // Phase = branch * stages + stage.
  const law = stationary(phases * numberMax, (state) => {
    const number = Math.floor(state / phases);
    const phase = state % phases;
    const branch = Math.floor(phase / stages);
    const rate = rates[branch] ?? 0;
    const moves: Move[] = [];
    if (number > 0) moves.push({ to: state - phases, rate: Math.min(number, servers) });
    if (phase % stages < stages - 1) moves.push({ to: state + 1, rate });
    else if (number + 1 < numberMax) {
      for (const [next, part] of parts.entries()) {
        moves.push({ to: (number + 1) * phases + next * stages, rate: rate * part });
      }
    }
    return moves;
  });
  const gapMean = parts.reduce((sum, part, i) => sum + (part * stages) / (rates[i] ?? 1), 0);
  return meanOver(law, (state) => Math.max(0, Math.floor(state / phases) - servers)) * gapMean;
}

/** Probability of a wait of at most `at` in M/D/1 (Erlang). */
export function fixedServiceWaitCdf(rate: number, at: number): number {
  let sum = 0;
  let factorial = 1;
  for (let k = 0; k <= Math.floor(at); k += 1) {
    if (k > 0) factorial *= k;
    sum += ((rate * (k - at)) ** k / factorial) * Math.exp(-rate * (k - at));
  }
  return (1 - rate) * sum;
}

/** Mean number in M/M/1 whose server is open for `open` and closed for `closed` in turn, by integration (Runge and Kutta). */
export function shiftsMean(rate: number, open: number, closed: number): number {
  const states = 120;
  const step = 0.02;
  const slope = (law: Float64Array, death: number): Float64Array => {
    const change = new Float64Array(states);
    for (let n = 0; n < states; n += 1) {
      const up = n + 1 < states ? (law[n] ?? 0) * rate : 0;
      const down = n > 0 ? (law[n] ?? 0) * death : 0;
      change[n] = (change[n] ?? 0) - up - down;
      if (n + 1 < states) change[n + 1] = (change[n + 1] ?? 0) + up;
      if (n > 0) change[n - 1] = (change[n - 1] ?? 0) + down;
    }
    return change;
  };
  const moved = (law: Float64Array, by: Float64Array, part: number) =>
    law.map((mass, n) => mass + part * (by[n] ?? 0));
  let law = new Float64Array(states);
  law[0] = 1;
  let mean = 0;
  for (let period = 0; period < 60; period += 1) {
    let area = 0;
    const steps = Math.round((open + closed) / step);
    for (let i = 0; i < steps; i += 1) {
      const death = i * step < open - step / 2 ? 1 : 0;
      const number = (of: Float64Array) => meanOver(Array.from(of), (n) => n);
      const k1 = slope(law, death);
      const k2 = slope(moved(law, k1, step / 2), death);
      const k3 = slope(moved(law, k2, step / 2), death);
      const k4 = slope(moved(law, k3, step), death);
      const next = law.map(
        (mass, n) =>
          mass + (step / 6) * ((k1[n] ?? 0) + 2 * (k2[n] ?? 0) + 2 * (k3[n] ?? 0) + (k4[n] ?? 0)),
      );
      area += ((number(law) + number(next)) / 2) * step;
      law = next;
    }
    mean = area / (open + closed);
  }
  return mean;
}

/** Mean number at each of many equal servers, of which every arrival looks at two and joins the shorter: exact, few servers. */
export function shorterOfTwoSampled(servers: number, rate: number, lengthMax: number): number {
  // A state is how many servers have at least 1, 2, ... customers: descending.
  const index = new Map<string, number>();
  const states: number[][] = [];
  const grow = (head: number[]) => {
    if (head.length === lengthMax) {
      index.set(head.join(), states.length);
      states.push(head);
      return;
    }
    const most = head.at(-1) ?? servers;
    for (let count = 0; count <= most; count += 1) grow([...head, count]);
  };
  grow([]);
  const pairs = (count: number) => (count * (count - 1)) / 2 / ((servers * (servers - 1)) / 2);
  const law = stationary(states.length, (state) => {
    const atLeast = states[state] ?? [];
    const moves: Move[] = [];
    for (let length = 0; length < lengthMax; length += 1) {
      const here = length === 0 ? servers : (atLeast[length - 1] ?? 0);
      const above = atLeast[length] ?? 0;
      // Both of two have at least `length`, and not both more.
      const joining = pairs(here) - pairs(above);
      const more = [...atLeast];
      more[length] = above + 1;
      const to = index.get(more.join());
      if (joining > 0 && to !== undefined) moves.push({ to, rate: rate * servers * joining });
      const next = atLeast[length + 1] ?? 0;
      if (above > next) {
        const fewer = [...atLeast];
        fewer[length] = above - 1;
        moves.push({ to: index.get(fewer.join()) ?? 0, rate: above - next });
      }
    }
    return moves;
  });
  return meanOver(law, (state) => (states[state] ?? []).reduce((a, b) => a + b, 0)) / servers;
}
