/**
 * Load of an hour to come: the mean of the same hour of all past days of the history. Assumption: AWS's model is not
 * published; what it must find in a daily pattern is this.
 *
 * `hoursAhead` is 0 for the hour that runs when the history ends. `undefined` with less history than is needed at the least.
 */
export function forecastLoad(
  history: readonly number[],
  hoursAhead: number,
  historyHoursMin: number,
): number | undefined {
  if (history.length < historyHoursMin) return undefined;
  let sum = 0;
  let days = 0;
  // The same hour of the day, a day ago and two and so on; hours to come are no history.
  for (let at = history.length + hoursAhead - 24; at >= 0; at -= 24) {
    if (at >= history.length) continue;
    sum += history[at]!;
    days += 1;
  }
  return days === 0 ? undefined : sum / days;
}
