import { defineConfig } from "vite";
import { bundledLicenses } from "./tools/bundled-licenses.ts";
import { foldConstants } from "./tools/fold-constants.mjs";
import { lateCodeOfWorker } from "./tools/late-code.ts";
import { lateWordsOfWorker } from "./tools/late-words.ts";
import { factsForWorker, pageLibrary } from "./tools/page-library.ts";
import { shapeClasses } from "./tools/shape-classes.mjs";
import { shortTablesOfWorker } from "./tools/short-tables.ts";
import { schemasThatOnlyRead } from "./tools/worker-parts.ts";

/**
 * All that simulates is one chunk: what a chunk takes from another is slower to come by than what it has itself. What the
 * worker needs to play recordings stays out of it.
 */
const workerChunks = [
  { name: "worker-base", test: /\/(comlink|sim\/errors|late-code)\b/, priority: 1 },
  { name: "engine", test: /\/live-runs\.ts$/ },
];

const licenses = bundledLicenses();

/** The page. Its addresses are relative, so that the built files work under any path of any web server. */
export default defineConfig({
  root: "ui",
  base: "./",
  publicDir: "public",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [pageLibrary(), licenses.write("licenses.md")],
  worker: {
    format: "es",
    plugins: () => [
      lateCodeOfWorker(),
      factsForWorker(),
      shortTablesOfWorker(),
      foldConstants(),
      lateWordsOfWorker(),
      schemasThatOnlyRead(),
      shapeClasses({ short: true }),
      licenses.note(),
    ],
    rolldownOptions: { output: { codeSplitting: { groups: workerChunks } } },
  },
  build: {
    outDir: "../dist/ui",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
  },
  server: { port: 5173 },
});
