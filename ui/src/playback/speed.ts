/** How fast simulated time passes on screen. */

export type SpeedChoice = 1 | 10 | 60 | 300 | 1800 | "fit";

export const speedChoices: readonly SpeedChoice[] = [1, 10, 60, 300, 1800, "fit"];

const fitSeconds = 60;
/** Around a fault, *fit* slows down to this. */
const slowSpeed = 10;
const slowBeforeUs = 5_000_000;
const slowAfterUs = 60_000_000;

export interface SpeedNow {
  /** Simulated seconds per second. */
  readonly simSecondsPerSecond: number;
  readonly isSlowed: boolean;
}

export function speedAt(
  choice: SpeedChoice,
  options: {
    readonly atUs: number;
    readonly durationUs: number;
    readonly faultInstantsUs: readonly number[];
  },
): SpeedNow {
  if (choice !== "fit") return { simSecondsPerSecond: choice, isSlowed: false };
  const fit = Math.max(1, options.durationUs / 1_000_000 / fitSeconds);
  const isNear = options.faultInstantsUs.some(
    (fault) => options.atUs >= fault - slowBeforeUs && options.atUs < fault + slowAfterUs,
  );
  return isNear && fit > slowSpeed
    ? { simSecondsPerSecond: slowSpeed, isSlowed: true }
    : { simSecondsPerSecond: fit, isSlowed: false };
}

/** A hidden tab or a long task does not make the picture jump. */
const gapMsMax = 250;

/** The instant after so much time on the wall. */
export function advance(
  choice: SpeedChoice,
  options: {
    readonly atUs: number;
    readonly wallMs: number;
    readonly durationUs: number;
    readonly faultInstantsUs: readonly number[];
  },
): number {
  const { simSecondsPerSecond } = speedAt(choice, options);
  const stepUs = Math.min(options.wallMs, gapMsMax) * 1000 * simSecondsPerSecond;
  const next = options.atUs + stepUs;
  // Do not jump over the slow part in one step.
  const near = options.faultInstantsUs.find(
    (fault) => options.atUs < fault - slowBeforeUs && next > fault - slowBeforeUs,
  );
  return Math.min(
    options.durationUs,
    choice === "fit" && near !== undefined ? near - slowBeforeUs : next,
  );
}
