import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { strategyClaims } from "../../cli/claims-plan.ts";

const page = readFileSync("docs/claims.md", "utf8");
const rows = [...page.matchAll(/^\| `([a-z0-9.-]+)`: .*$/gm)].map(([line, id]) => ({
  id,
  verdict: line.split(" | ")[1]?.split(",")[0],
}));

test("the page of verdicts has every claim once, in its words of today", () => {
  expect(rows.map(({ id }) => id).sort()).toEqual(strategyClaims.claims.map(({ id }) => id).sort());
  for (const { id, words } of strategyClaims.claims)
    expect(page).toContain(`\`${id}\`: ${words} |`);
});

test("the counts of the page are those of its rows", () => {
  for (const verdict of ["holds", "does not hold", "inconsistent", "cannot be tested"]) {
    const count = rows.filter((row) => row.verdict === verdict).length;
    expect(page).toContain(`| ${verdict} | ${count} |`);
  }
  expect(rows.every(({ verdict }) => verdict !== undefined)).toBe(true);
});

test("every scenario that the page names as evidence is one of today's", () => {
  const named = [...page.matchAll(/`drill ([a-z0-9-]+) --seeds (\d+)`/g)];
  const known = new Set(strategyClaims.claims.flatMap(({ scenarios }) => scenarios ?? []));
  expect(named.length).toBeGreaterThan(20);
  for (const [, id, seeds] of named) {
    expect(known.has(id ?? ""), id).toBe(true);
    expect(Number(seeds)).toBe(strategyClaims.seeds[id ?? ""] ?? 1);
  }
});
