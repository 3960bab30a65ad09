import type { MissingDataTreatment } from "./cloudwatch-spec.ts";

/** States of an alarm, as CloudWatch has them. */
export const alarmState = { ok: 0, alarm: 1, insufficientData: 2 } as const;

/** What an alarm finds in its evaluation range. */
export interface AlarmEvidence {
  /** Datapoints that are there, at most `periods` of them, the most recent. */
  readonly found: number;
  /** How many of those breach. */
  readonly breaching: number;
  /** Periods since the oldest of those, 1 for the last complete one. */
  readonly oldestAge: number;
}

/**
 * The state that follows from the evidence, by the table in "Configuring how CloudWatch alarms treat missing data".
 * For 3 of 3 (X breaches, 0 doesn't, - is missing, the newest on the right), the states by treatment:
 *
 *   found        missing            ignore    breaching   not breaching
 *   0 X X - X    ALARM              ALARM     ALARM       ALARM            (the three most recent that are there)
 *   - - - - 0    OK                 OK        OK          OK
 *   - - X - -    ALARM              as it is  ALARM       OK
 *   - - - - -    INSUFFICIENT_DATA  as it is  ALARM       OK
 *
 * With `missing`, few datapoints that all breach are an alarm only when the oldest is as old as the alarm asks for:
 * one bad minute after a gap is not three.
 */
export function judgeAlarm(
  evidence: AlarmEvidence,
  rule: { periods: number; datapointsToAlarm: number; missingData: MissingDataTreatment },
  before: number,
): number {
  const { found, breaching, oldestAge } = evidence;
  const { periods, datapointsToAlarm, missingData } = rule;
  const absent = periods - found;
  if (breaching >= datapointsToAlarm) return alarmState.alarm;
  switch (missingData) {
    case "breaching":
      return breaching + absent >= datapointsToAlarm ? alarmState.alarm : alarmState.ok;
    case "not-breaching":
      return alarmState.ok;
    case "ignore":
      // It is settled only if the absent points could not change it.
      return breaching + absent < datapointsToAlarm ? alarmState.ok : before;
    case "missing":
      if (found === 0) return alarmState.insufficientData;
      if (breaching < found || oldestAge < datapointsToAlarm) return alarmState.ok;
      return alarmState.alarm;
  }
}
