/**
 * How a column writes its numbers. `1,234` is a thousand in London and a little more than one in Berlin, and one cell
 * alone does not tell; the others of its column mostly do.
 */

/** What a mark stands for within the cells of a column. */
type Mark = "decimal" | "groups";

export interface NumberStyle {
  readonly comma: Mark;
  readonly point: Mark;
}

/** As programs write numbers, with thousands parted by commas at the most. */
const plainStyle: NumberStyle = { comma: "groups", point: "decimal" };

const oneGroup = { ",": /^[+-]?[1-9]\d{0,2},\d{3}$/, ".": /^[+-]?[1-9]\d{0,2}\.\d{3}$/ } as const;
const manyGroups = {
  ",": /^[+-]?[1-9]\d{0,2}(,\d{3}){2,}$/,
  ".": /^[+-]?[1-9]\d{0,2}(\.\d{3}){2,}$/,
} as const;

interface Evidence {
  commaDecimal: boolean;
  commaGroups: boolean;
  pointDecimal: boolean;
  pointGroups: boolean;
  /** First cells that can be read either way. */
  openComma: string | undefined;
  openPoint: string | undefined;
  /** A whole number below a thousand, and one beyond it without a mark. */
  smallWhole: boolean;
  largeWhole: boolean;
}

/** The style of a column, or the first cell that leaves it open: `9.400` may be nine or nine thousand. */
export function numberStyleOf(
  cells: readonly string[],
  delimiter: string,
): NumberStyle | { readonly unclear: string } {
  const seen = evidenceOf(cells);
  const comma = commaOf(seen, delimiter);
  if (comma === undefined) return { unclear: seen.openComma! };
  const point = pointOf(seen, delimiter);
  return point === undefined ? { unclear: seen.openPoint! } : { comma, point };
}

function evidenceOf(cells: readonly string[]): Evidence {
  const seen: Evidence = {
    commaDecimal: false,
    commaGroups: false,
    pointDecimal: false,
    pointGroups: false,
    openComma: undefined,
    openPoint: undefined,
    smallWhole: false,
    largeWhole: false,
  };
  for (const cell of cells) note(bare(cell), seen);
  return seen;
}

function note(text: string, seen: Evidence): void {
  const comma = text.lastIndexOf(",");
  const point = text.lastIndexOf(".");
  if (comma >= 0 && point >= 0) noteBoth(text, comma > point, seen);
  else if (comma >= 0) noteCommas(text, seen);
  else if (point >= 0) notePoints(text, seen);
  else if (/^[+-]?[1-9]\d*$/.test(text)) {
    if (text.length > 3) seen.largeWhole = true;
    else seen.smallWhole = true;
  }
}

function noteBoth(text: string, commaIsLast: boolean, seen: Evidence): void {
  if (!/^[+-]?[\d.,]+$/.test(text)) return;
  if (commaIsLast) seen.commaDecimal = seen.pointGroups = true;
  else seen.commaGroups = seen.pointDecimal = true;
}

function noteCommas(text: string, seen: Evidence): void {
  if (oneGroup[","].test(text)) seen.openComma ??= text;
  else if (manyGroups[","].test(text)) seen.commaGroups = true;
  else if (/^[+-]?\d*,\d+$/.test(text)) seen.commaDecimal = true;
}

function notePoints(text: string, seen: Evidence): void {
  if (oneGroup["."].test(text)) seen.openPoint ??= text;
  else if (manyGroups["."].test(text)) seen.pointGroups = true;
  else if (Number.isFinite(Number(text))) seen.pointDecimal = true;
}

function commaOf(seen: Evidence, delimiter: string): Mark | undefined {
  if (seen.commaDecimal) return "decimal";
  if (seen.commaGroups || seen.pointDecimal) return "groups";
  if (seen.openComma === undefined) return seen.pointGroups ? "decimal" : "groups";
  if (seen.pointGroups || delimiter === ";") return "decimal";
  if (delimiter === ",") return "groups";
  if (seen.largeWhole) return "decimal";
  return seen.smallWhole ? "groups" : undefined;
}

function pointOf(seen: Evidence, delimiter: string): Mark | undefined {
  if (seen.pointGroups) return "groups";
  if (seen.openPoint === undefined || seen.pointDecimal || delimiter === ",") return "decimal";
  if (seen.commaDecimal) return "groups";
  // Programs that leave out zeros behind the point leave out one or two as well: such cells would be there.
  return seen.smallWhole && !seen.largeWhole ? undefined : "decimal";
}

/** Without a percent sign, and without what parts thousands and nothing else. */
function bare(cell: string): string {
  const text = cell.replace(/%$/, "").trim();
  return /^[+-]?\d{1,3}(?:[ \u00a0\u202f'\u2019]\d{3})+(?:[.,]\d+)?$/.test(text)
    ? text.replaceAll(/[ \u00a0\u202f'\u2019]/g, "")
    : text;
}

/** A cell as people write numbers: with a percent sign, thousands or a decimal comma; NaN for words. */
export function numberOf(cell: string, style: NumberStyle): number {
  const text = bare(cell);
  if (text === "") return Number.NaN;
  if (style.point === "decimal" && !text.includes(",")) {
    const plain = Number(text);
    return Number.isFinite(plain) ? plain : Number.NaN;
  }
  const marked = style.comma === "decimal" ? inEnglish(text) : text;
  if (!/^[+-]?(\d{1,3}(,\d{3})+|\d*)(\.\d+)?$/.test(marked) || !/\d/.test(marked))
    return Number.isFinite(Number(marked)) ? Number(marked) : Number.NaN;
  return Number(marked.replaceAll(",", ""));
}

/** Commas for points and points for commas. */
function inEnglish(text: string): string {
  return text.replaceAll(/[.,]/g, (mark) => (mark === "," ? "." : ","));
}

/** Whether a cell is a number in one way of writing or another. */
export function looksLikeNumber(cell: string): boolean {
  return (
    !Number.isNaN(numberOf(cell, plainStyle)) ||
    !Number.isNaN(numberOf(cell, { comma: "decimal", point: "groups" }))
  );
}
