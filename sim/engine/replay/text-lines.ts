/** Visits the lines of a text with their numbers from 1; a byte-order mark, CR before LF and one last empty line are skipped. */
export function forEachLine(text: string, visit: (line: string, number: number) => void): void {
  let from = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let number = 1; from < text.length; number++) {
    let end = text.indexOf("\n", from);
    if (end < 0) end = text.length;
    const last = end > from && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    visit(text.slice(from, last), number);
    from = end + 1;
  }
}

const columnName = /^\s*"?[A-Za-z_][\w .()#-]*"?\s*$/;

/** True for a first line that only names the columns. */
export function isHeader(line: string, number: number): boolean {
  if (number !== 1) return false;
  const fields = line.split(",");
  return fields.length > 1 && fields.every((field) => columnName.test(field));
}

const whole = /^-?\d{1,16}$/;

/** The whole number that a field spells, or NaN. */
export function parseWhole(field: string | undefined): number {
  return field !== undefined && whole.test(field) ? Number(field) : Number.NaN;
}

/** A list of numbers that grows by doubling, for columns whose length is not known beforehand. */
export class NumberColumn {
  private values = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const wide = new Float64Array(this.values.length * 2);
      wide.set(this.values);
      this.values = wide;
    }
    this.values[this.length++] = value;
  }

  get(row: number): number {
    return this.values[row]!;
  }

  set(row: number, value: number): void {
    this.values[row] = value;
  }

  toArray(): Float64Array<ArrayBuffer> {
    return this.values.slice(0, this.length);
  }
}
