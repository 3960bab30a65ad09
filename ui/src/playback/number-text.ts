const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Three figures or so: `1,234`, `12.3`, `0.12`. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return grouped.format(value);
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** A sentence whose long numbers can be read: `410312 commands` is `410,312 commands`. */
function groupedDigits(text: string): string {
  return text.replace(/\d{5,}/g, (digits) => grouped.format(Number(digits)));
}

/** A sentence of the results as a reader writes it: `Order-entry was out` is `Order entry was out`, its numbers can be read, and none stands apart from its unit. */
export function plainSentence(text: string): string {
  return groupedDigits(text)
    .replace(/\b(order|market|log)-(entry|data|in)\b/gi, "$1 $2")
    .replace(/\bwarm-up\b/g, "warm\u2011up")
    .replace(/(\d) (?=(?:ms|s|%)(?!\w))/g, "$1\u00a0");
}

/** With a full stop where it has none. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
