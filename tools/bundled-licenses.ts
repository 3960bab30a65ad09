/** The licences of the packages that the page and its worker carry along: they want to be kept with every copy. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export interface BundledLicenses {
  /** For the worker, which is built within the page's build: notes its packages. */
  note(): Plugin;
  /** For the page: notes its own packages, and writes `fileName` with the licences of all. */
  write(fileName: string): Plugin;
}

export function bundledLicenses(): BundledLicenses {
  const folders = new Set<string>();
  const noteAll = (bundle: Readonly<Record<string, BundledFile>>) => {
    for (const file of Object.values(bundle)) {
      if (file.type !== "chunk") continue;
      for (const id of file.moduleIds) {
        const folder = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
        if (folder !== undefined) folders.add(folder);
      }
    }
  };
  return {
    note: () => ({
      name: "note-bundled-licenses",
      generateBundle: (_options, bundle) => noteAll(bundle),
    }),
    write: (fileName) => ({
      name: "write-bundled-licenses",
      generateBundle(_options, bundle) {
        noteAll(bundle);
        const source = [...folders].sort().map(licenseOf).join("\n");
        this.emitFile({
          type: "asset",
          fileName,
          source: `# Packages in these files\n\n${source}`,
        });
      },
    }),
  };
}

type BundledFile =
  | { readonly type: "chunk"; readonly moduleIds: readonly string[] }
  | { readonly type: "asset" };

function licenseOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { name, version, license, author } = manifest;
  const file = readdirSync(folder).find((each) => /^licen[cs]e(\.|$)/i.test(each));
  const holder = `Copyright: ${author?.name ?? author}`;
  const text = file === undefined ? holder : readFileSync(join(folder, file), "utf8").trim();
  return `## ${name} ${version}: ${license}\n\n${text}\n`;
}
