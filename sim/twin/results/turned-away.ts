/** Ends of the names of channels that count calls which were turned away: above a quota, by a rule, in a full line. */
export const turnedAwayNames: readonly string[] = ["throttled", "blocked", "rejected"];
