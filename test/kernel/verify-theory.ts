/**
 * The kernel against queueing theory: `npm run verify:theory -- [customers] [words of a case]`. Ten seeds of 200,000
 * customers each by default; it fails when a case is four standard errors or more off.
 */
import { theoryCases } from "./theory-cases.ts";
import { compare } from "./theory-table.ts";

const words = process.argv.slice(2);
const customers = Number(words[0]) > 0 ? Number(words.shift()) : 200_000;
const wanted = words.join(" ");
const nameLength = Math.max(...theoryCases.map(({ name }) => name.length));

/** One line: case, expected, measured, z. */
function line(name: string, ...numbers: readonly string[]): string {
  return name.padEnd(nameLength) + numbers.map((each) => each.padStart(12)).join("");
}

let wrongCount = 0;
let count = 0;
console.log(line("case", "expected", "measured", "z"));
for (const theory of theoryCases) {
  if (!theory.name.includes(wanted)) continue;
  const { name, expected, measured, z } = compare(theory, customers);
  const isWrong = !(Math.abs(z) < 4);
  count += 1;
  if (isWrong) wrongCount += 1;
  const numbers = [expected.toFixed(6), measured.toFixed(6), z.toFixed(2)];
  console.log(`${line(name, ...numbers)}${isWrong ? "  wrong" : ""}`);
}
console.log(`${count} cases, ten seeds of ${customers} customers each, ${wrongCount} wrong`);
process.exitCode = wrongCount === 0 && count > 0 ? 0 : 1;
