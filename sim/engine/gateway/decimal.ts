/** A decimal text as a whole number of units, or why it can't be one. */
export type UnitsResult =
  | { readonly units: number }
  | { readonly problem: "not-a-number" | "not-a-multiple" | "too-large" };

const decimalPattern = /^([+-])?(\d+)(?:\.(\d*))?$/;

/**
 * Turns a price or quantity as a client writes it ("236.47") into whole ticks or lots, exactly: the digits are never put
 * into a binary fraction. `unit` is the tick or lot as a decimal text ("0.01", "0.25", "1e-8" written out).
 */
export function decimalToUnits(text: string, unit: string): UnitsResult {
  const value = decimalPattern.exec(text);
  const step = decimalPattern.exec(unit);
  if (value === null || step === null) return { problem: "not-a-number" };
  const decimals = Math.max(value[3]?.length ?? 0, step[3]?.length ?? 0);
  const scaledValue = scaled(value, decimals);
  const scaledStep = scaled(step, decimals);
  if (scaledStep <= 0n) return { problem: "not-a-number" };
  if (scaledValue % scaledStep !== 0n) return { problem: "not-a-multiple" };
  const units = scaledValue / scaledStep;
  if (units > BigInt(Number.MAX_SAFE_INTEGER) || units < BigInt(Number.MIN_SAFE_INTEGER)) {
    return { problem: "too-large" };
  }
  return { units: Number(units) };
}

/** The decimal text of a whole number of units, for answers to clients: the inverse of `decimalToUnits`. */
export function unitsToDecimal(units: number, unit: string): string {
  const step = decimalPattern.exec(unit);
  if (step === null) throw new Error(`matching engine: the unit ${unit} is no decimal number`);
  const decimals = step[3]?.length ?? 0;
  const total = BigInt(units) * scaled(step, decimals);
  const digits = (total < 0n ? -total : total).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = decimals > 0 ? `.${digits.slice(digits.length - decimals)}` : "";
  return `${total < 0n ? "-" : ""}${whole}${fraction}`;
}

function scaled(match: RegExpExecArray, decimals: number): bigint {
  const digits = BigInt((match[2] ?? "0") + (match[3] ?? "").padEnd(decimals, "0"));
  return match[1] === "-" ? -digits : digits;
}
