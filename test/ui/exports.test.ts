/** What leaves the page: check 23 of its specification. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { recordingOfJson } from "../../sim/twin/recording/export/json.ts";
import { type ExportForm, exportForms } from "../../sim/twin/recording/export/recording-exports.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import { demonstration, onPage } from "./demonstration-page.ts";

test("23: every export has the command line's bytes; JSON opens again and reruns to the same hash; each form is sound", async () => {
  await onPage(async (page) => {
    await page.getByRole("button", { name: "Share" }).click();
    const download = async (form: string) => {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.locator(`[data-export="${form}"]`).click(),
      ]);
      return readFileSync(await file.path(), "utf8");
    };
    const hasMetrics = demonstration.head.metrics !== undefined;
    for (const form of Object.keys(exportForms) as ExportForm[]) {
      if (form === "cloudwatch" && !hasMetrics) continue;
      const text = await download(form);
      expect(text === exportForms[form].textOf(demonstration), form).toBe(true);
    }
    const again = recordingOfJson(await download("json"), "export.json");
    expect(again.head.digest).toBe(demonstration.head.digest);
    expect(again.frames.map(bytesOf)).toEqual(demonstration.frames.map(bytesOf));
    const trace = JSON.parse(await download("perfetto")) as {
      traceEvents: (Slice & { ph: string; name: string; args?: { name?: string } })[];
    };
    const named = new Set(
      trace.traceEvents.flatMap(({ ph, name, args }) =>
        ph === "M" && name === "thread_name" ? [args?.name] : [],
      ),
    );
    expect(demonstration.head.components.filter(({ title }) => !named.has(title))).toEqual([]);
    const slices = trace.traceEvents.filter(({ ph }) => ph === "X");
    expect(slices.length).toBeGreaterThan(demonstration.head.components.length);
    expect(slices.filter(({ dur }) => !(dur !== undefined && dur > 0))).toEqual([]);
    expect(overlapping(slices)).toEqual([]);
    // Slices that are opened would have to be closed; there are only whole ones.
    expect(trace.traceEvents.filter(({ ph }) => ph === "B" || ph === "E")).toEqual([]);
    const starts = trace.traceEvents.filter(({ ph }) => ph === "s").length;
    expect(trace.traceEvents.filter(({ ph }) => ph === "f")).toHaveLength(starts);
    const rows = (await download("csv")).trimEnd().split("\r\n");
    expect(rows[0]).toBe("timeS,component,metric,unit,value");
    expect(rows.slice(1).filter((row) => !/^[\d.]+,[^,]+,.+,[^,]+,-?[\d.e+-]+$/.test(row))).toEqual(
      [],
    );
    const isXml = await page.evaluate(
      (svg) =>
        new DOMParser().parseFromString(svg, "image/svg+xml").querySelector("parsererror") === null,
      await download("svg"),
    );
    expect(isXml).toBe(true);
    const [picture] = await Promise.all([
      page.waitForEvent("download"),
      page.locator('[data-export="png"]').click(),
    ]);
    expect(picture.suggestedFilename()).toMatch(/^az-power-loss-1-\d+\.png$/);
    const png = readFileSync(await picture.path());
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    const drawnWide = Number(/<svg[^>]* width="(\d+)"/.exec(await download("svg"))?.[1]);
    expect(png.readUInt32BE(16)).toBe(2 * drawnWide);
    const { scenario, topology, seed, digest } = again.head;
    expect(runScenario({ scenario, topology, seed })?.head.digest).toBe(digest);
  });
}, 600_000);

interface Slice {
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
}

/** Slices of one track that begin before the one before them has ended. */
function overlapping(slices: readonly Slice[]): readonly Slice[] {
  const ends = new Map<string, number>();
  return [...slices]
    .sort((a, b) => a.ts - b.ts)
    .filter(({ pid, tid, ts, dur = 0 }) => {
      const track = `${pid} ${tid}`;
      const isOver = ts < (ends.get(track) ?? 0);
      ends.set(track, ts + dur);
      return isOver;
    });
}

function bytesOf(values: Float32Array | Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}
