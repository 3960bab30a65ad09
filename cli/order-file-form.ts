/** Which of the forms of order data a file is in, told by its lines and not by its name. */
export type OrderFileForm =
  | "lobster-messages"
  | "lobster-books"
  | "flow"
  | "neutral"
  | "bitstamp"
  | "unknown";

/** One damaged line must not hide the form of the others, so the first few vote. */
const votersMax = 25;

const shapes: readonly { readonly form: OrderFileForm; readonly shape: RegExp }[] = [
  { form: "neutral", shape: /^\s*[[{]/ },
  { form: "flow", shape: /^[NCM],/ },
  { form: "bitstamp", shape: /^\d{13}\s+(order_\w+|trade)\b/ },
  { form: "lobster-messages", shape: /^\d+(\.\d+)?,[1-7],-?\d+,\d+,-?\d+,-?[01]$/ },
  // A column too few or too many is a mistake to be named in messages, which begin with a time.
  { form: "lobster-messages", shape: /^\d+\.\d+(,[^,]*){2,8}$/ },
  { form: "lobster-books", shape: /^-?\d+(,-?\d+){2,}$/ },
];

export function orderFileForm(text: string): OrderFileForm {
  // A JSON document begins once; its further lines may look like anything.
  if (/^\s*[[{]/.test(text)) return "neutral";
  const lines = firstLines(text, votersMax).map((line) => line.replaceAll(/\s*,\s*/g, ","));
  const votes = shapes.map(({ form, shape }) => ({
    form,
    count: lines.filter((line) => shape.test(line)).length,
  }));
  const best = votes.reduce((a, b) => (b.count > a.count ? b : a));
  return best.count > 0 ? best.form : "unknown";
}

/** Non-empty lines, without reading a long text to its end. */
function firstLines(text: string, countMax: number): readonly string[] {
  const lines: string[] = [];
  let start = 0;
  while (lines.length < countMax && start < text.length) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end === -1 ? text.length : end).trim();
    if (line !== "") lines.push(line);
    start = end === -1 ? text.length : end + 1;
  }
  return lines;
}
