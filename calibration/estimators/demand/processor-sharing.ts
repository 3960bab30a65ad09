/** Response time under processor sharing, for which the shape of the service time does not matter. */

/** Utilisation above which the formula would explode faster than any queue of finite length can. */
const utilisationMax = 0.99;

/**
 * Response time over service demand at a utilisation of `cores` equal cores, 0 to 1 each: 1 / (1 - U) for one core,
 * 1 + C / (c (1 - U)) with Erlang's waiting probability C for several.
 */
export function stretch(utilisation: number, cores: number): number {
  const u = Math.min(utilisationMax, Math.max(0, utilisation));
  if (cores === 1) return 1 / (1 - u);
  return 1 + erlangC(cores, u) / (cores * (1 - u));
}

/** Probability that an arrival finds all of `servers` busy (M/M/c), from Erlang's B by its recursion. */
function erlangC(servers: number, utilisation: number): number {
  const load = servers * utilisation;
  let blocking = 1;
  for (let k = 1; k <= servers; k += 1) blocking = (load * blocking) / (k + load * blocking);
  return blocking / (1 - utilisation * (1 - blocking));
}
