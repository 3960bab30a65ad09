/**
 * Market data for verification, which is not part of the project: where `STORMBELL_DATA_DIR` says, else beside the
 * checkout. Its absence is the only reason for which a test may be skipped.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";

const dataFolder = process.env["STORMBELL_DATA_DIR"] ?? "../shared/data";

/** A test that needs the market data. */
export const testWithData = test.skipIf(!existsSync(dataFolder));

export function dataPath(...names: readonly string[]): string {
  return join(dataFolder, ...names);
}
