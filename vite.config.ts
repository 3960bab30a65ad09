import { defineConfig } from "vite";
import { foldConstants } from "./tools/fold-constants.mjs";
import { factsForWorker, pageLibrary } from "./tools/page-library.ts";
import { shortTablesOfWorker } from "./tools/short-tables.ts";
import { latePartsOfWorker, schemasThatOnlyRead } from "./tools/worker-parts.ts";

/** The page. Its addresses are relative, so that the built files work under any path of any web server. */
export default defineConfig({
  root: "ui",
  base: "./",
  publicDir: "public",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [pageLibrary()],
  worker: {
    format: "es",
    plugins: () => [
      factsForWorker(),
      shortTablesOfWorker(),
      foldConstants(),
      latePartsOfWorker(),
      schemasThatOnlyRead(),
    ],
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
