/** Links in the README and the documents lead somewhere, headings included. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const pages = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !path.startsWith("reference"))
    .map((path) => join("docs", path)),
];

/** Headings as GitHub names them in addresses. */
function headingsOf(path: string): ReadonlySet<string> {
  const text = readFileSync(path, "utf8").replace(/^```.*?^```/gms, "");
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function whyBroken(page: string, link: string): string | undefined {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(target)) return `${page}: ${link}: there is no ${target}`;
  if (heading === undefined || statSync(target).isDirectory()) return undefined;
  if (!target.endsWith(".md") || headingsOf(target).has(heading)) return undefined;
  return `${page}: ${link}: ${target} has no such heading`;
}

test("every link within the documents leads to a file and a heading that are there", () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = ""]) => ({ page, link }))
      .filter(({ link }) => !/^[a-z]+:/.test(link)),
  );
  expect(links.length).toBeGreaterThan(50);
  expect(links.flatMap(({ page, link }) => whyBroken(page, link) ?? [])).toEqual([]);
});
