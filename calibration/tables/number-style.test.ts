import { expect, test } from "vitest";
import { columnAt, numbersOf } from "./columns.ts";
import { parseTable } from "./read-table.ts";

function numbers(rows: readonly string[], delimiter = ";"): readonly number[] {
  const table = parseTable(
    ["id", ...rows.map((_, i) => `row${i}`)]
      .map((id, i) => `${id}${delimiter}${i === 0 ? "value" : rows[i - 1]}`)
      .join("\n"),
    "a.csv",
  );
  return [...numbersOf(table, columnAt(table, 1))];
}

test.each([
  ["decimal commas beside semicolons", ["12,5", "38,960"], ";", [12.5, 38.96]],
  ["decimal commas beside tabs", ["0,345", "1,234", "12,5"], "\t", [0.345, 1.234, 12.5]],
  ["decimal commas that are only told by a large number", ["1,234", "5678"], "\t", [1.234, 5678]],
  ["commas between thousands", ['"1,234"', '"999"'], ",", [1234, 999]],
  [
    "commas between thousands beside tabs",
    ["1,234", "999", "1,234,567"],
    "\t",
    [1234, 999, 1234567],
  ],
  ["commas between thousands and a point", ["1,234", "5,678.5"], "\t", [1234, 5678.5]],
  ["points between thousands and a comma", ["1.234", "12,5"], ";", [1234, 12.5]],
  ["points between thousands twice", ["1.234", "1.234.567"], ";", [1234, 1234567]],
  ["points between thousands and a comma in one cell", ["1.065,3", "2.000"], ";", [1065.3, 2000]],
  ["three decimals", ["1.234", "0.345", "12.5"], ";", [1.234, 0.345, 12.5]],
  ["three decimals in every cell", ["1.234", "12.345"], ";", [1.234, 12.345]],
  ["blanks between thousands", ["1 065,3", "12,0"], ";", [1065.3, 12]],
  ["narrow blanks between thousands", ["1\u202f065,3", "12,0"], ";", [1065.3, 12]],
  ["apostrophes between thousands", ["1'065.3", "12.0"], ";", [1065.3, 12]],
  ["percent signs", ["12,5%", "7 %"], ";", [12.5, 7]],
  ["powers of ten", ["1.5e3", "2E-1"], ",", [1500, 0.2]],
])("%s are read as they are meant", (_, cells, delimiter, expected) => {
  expect(numbers(cells, delimiter)).toEqual(expected);
});

test.each([
  ["points that may part thousands", ["9.400", "700"], ";", "9.400"],
  ["commas that may part thousands", ["9,400", "8,100"], "\t", "9,400"],
])("%s are refused with the first of them", (_, cells, delimiter, cell) => {
  expect(() => numbers(cells, delimiter)).toThrow(
    expect.objectContaining({
      code: "table.number-unclear",
      problem: expect.stringContaining(
        `"${cell}" in column value may be ${cell.replace(",", ".")} or ${cell.replace(/[.,]/, "")}`,
      ),
      at: "a.csv:2",
    }),
  );
});

test("a header of two words above one column is one name", () => {
  const table = parseTable("Duration (ms)\n12.5\n13.5\n", "a.csv");
  expect(table.headers).toEqual(["Duration (ms)"]);
  expect([...numbersOf(table, columnAt(table, 0))]).toEqual([12.5, 13.5]);
});
