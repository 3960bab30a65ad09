import { readdirSync } from "node:fs";
import { join } from "node:path";

export const codeFolders = [
  "sim",
  "scenarios",
  "calibration",
  "cli",
  "ui",
  "bench",
  "test",
  "tools",
];

/**
 * Source files under the folders that exist, sorted, as paths from the root of the project.
 * @param {readonly string[]} folders
 * @returns {string[]}
 */
export function sourcesOf(folders) {
  return folders
    .flatMap((folder) => filesUnder(folder))
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path));
}

/**
 * Every file under a folder, in sorted order; nothing when there is no such folder.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesUnder(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return [];
    throw error;
  }
  return entries
    .filter(
      (entry) => !["node_modules", "dist", "reports", ".git", ".stormbell"].includes(entry.name),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesUnder(path);
      return entry.isFile() ? [path] : [];
    });
}
