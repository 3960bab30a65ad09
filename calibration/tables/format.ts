/** Numbers for people: four significant digits, thousands parted. */

export function number(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "-";
  if (!Number.isFinite(value)) return value > 0 ? "unbounded" : "-unbounded";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return value.toExponential(digits - 1);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const [whole, fraction] = Number(
    value.toPrecision(Math.max(digits, Math.floor(Math.log10(size)) + 1)),
  )
    .toFixed(Math.min(decimals, 12))
    .split(".");
  const grouped = (whole ?? "").replaceAll(/\B(?=(\d{3})+(?!\d))/g, ",");
  const tail = fraction?.replace(/0+$/, "");
  return tail ? `${grouped}.${tail}` : grouped;
}

export function percent(share: number | null | undefined, digits = 3): string {
  return share === null || share === undefined || Number.isNaN(share)
    ? "-"
    : `${number(share * 100, digits)} %`;
}
