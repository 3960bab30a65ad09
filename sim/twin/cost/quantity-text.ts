import type { CostLine } from "./cost-types.ts";

/** `1,313 M requests`, `15,151 vCPU-hours`. */
export function quantityText({ monthQuantity, unit }: CostLine): string {
  return `${amount(monthQuantity)} ${monthQuantity === 1 ? unit : plural(unit)}`;
}

/** A number with three figures at the least, in thousands by commas and in millions by M. */
export function amount(value: number): string {
  if (value >= 1e7) return `${grouped(Math.round(value / 1e6))} M`;
  if (value >= 100) return grouped(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** `$4,536`, `$0.37`. */
export function money(usd: number): string {
  const sign = usd < 0 ? "-" : "";
  const size = Math.abs(usd);
  return `${sign}$${size >= 100 ? grouped(Math.round(size)) : size.toFixed(2)}`;
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}

function plural(unit: string): string {
  if (/^(GB|I\/O)/.test(unit) && !unit.endsWith("hour")) return unit;
  const [head, ...rest] = unit.split(" of ");
  const many = head!.endsWith("y") ? `${head!.slice(0, -1)}ies` : `${head}s`;
  return [many, ...rest].join(" of ");
}
