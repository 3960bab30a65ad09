/** `06:40.0`, minutes and seconds since the run began; hours where there are any. */
export function clockText(atUs: number, digits = 1): string {
  const isNegative = atUs < 0;
  const unit = 10 ** digits;
  const ticks = Math.floor((Math.abs(atUs) / 1_000_000) * unit + 1e-6);
  const seconds = ticks / unit;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = (seconds % 60).toFixed(digits).padStart(digits === 0 ? 2 : 3 + digits, "0");
  const head = hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}` : pad(minutes);
  return `${isNegative ? "−" : ""}${head}:${rest}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** Reads `870.5`, `14:30` or `1:02:03.5` as microseconds; `undefined` when it is no time. */
export function parseClock(text: string): number | undefined {
  const parts = text.trim().split(":");
  if (parts.length > 3 || !parts.every((part) => /^\d+(\.\d+)?$/.test(part))) return undefined;
  // `90:00` is an hour and a half; `1:90` is a slip.
  if (parts.slice(1).some((part) => Number(part) >= 60)) return undefined;
  const seconds = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round(seconds * 1_000_000);
}
