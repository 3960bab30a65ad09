/**
 * The kernel against queueing theory: `npm run verify:theory [customers] [word of the cases]`. Ten seeds of 200,000
 * customers each by default; it fails when a case is four standard errors or more off.
 */
import { theoryCases } from "./theory-cases.ts";
import { compare } from "./theory-table.ts";

const customers = Number(process.argv[2] ?? 200_000);
const word = process.argv[3] ?? "";
let wrongCount = 0;
let count = 0;
console.log(
  `${"case".padEnd(48)}${"expected".padStart(12)}${"measured".padStart(12)}${"z".padStart(8)}`,
);
for (const theory of theoryCases) {
  if (!theory.name.includes(word)) continue;
  const { name, expected, measured, z } = compare(theory, customers);
  const isWrong = !(Math.abs(z) < 4);
  count += 1;
  if (isWrong) wrongCount += 1;
  const numbers = `${expected.toFixed(6).padStart(12)}${measured.toFixed(6).padStart(12)}`;
  console.log(`${name.padEnd(48)}${numbers}${z.toFixed(2).padStart(8)}${isWrong ? "  wrong" : ""}`);
}
console.log(`${count} cases, ten seeds of ${customers} customers each, ${wrongCount} wrong`);
process.exitCode = wrongCount === 0 && count > 0 ? 0 : 1;
