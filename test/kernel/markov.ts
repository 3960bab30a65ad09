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
      const weight = inflow / (out[state] ?? 1);
      change += Math.abs(weight - (law[state] ?? 0));
      law[state] = weight;
    }
    const sum = law.reduce((total, weight) => total + weight, 0);
    for (let state = 0; state < states; state += 1) law[state] = (law[state] ?? 0) / sum;
    if (change < 1e-11) break;
  }
  return law;
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
