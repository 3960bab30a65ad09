import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import type { FaultSpec } from "../sim/twin/faults/fault-types.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import { topologyLoading } from "./load-topology.ts";
import { requireValid, validateScenarioText } from "./validate-text.ts";

/** A span of the incident in which a provider's or a venue's service was hit; minutes from its onset. */
interface Window {
  readonly service: string;
  readonly effect: string;
  readonly fromMin: number;
  /** No end was published when null. */
  readonly toMin: number | null;
  /** Ids of the scenario's faults that stand for it. */
  readonly faults?: readonly string[];
  /** Why no fault does. */
  readonly withoutCounterpart?: string;
}

interface Incident {
  readonly id: string;
  readonly title: string;
  readonly date: string;
  readonly onsetUtc: string;
  readonly sources: readonly string[];
  readonly replay: { readonly onsetAtSeconds: number; readonly timeScale: number };
  readonly mapping: string;
  readonly windows: readonly Window[];
}

const folder = "scenarios/incidents";
const catalogue: readonly Incident[] = JSON.parse(readFileSync(`${folder}/catalogue.json`, "utf8"));
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
/** Designs that an incident is tried on beside the one of its own time. */
const whatIfs = ["coinbase-2026-05-three-zone-quorum", "coinbase-2026-05-warm-standby"];
const original = "coinbase-2026-05-use1-az4-thermal";

function textOf(id: string): string {
  return readFileSync(`${folder}/${id}.yaml`, "utf8");
}

const loaded = new Map<string, ReturnType<typeof read>>();

function load(id: string) {
  const found = loaded.get(id) ?? read(id);
  loaded.set(id, found);
  return found;
}

function read(id: string) {
  const path = `${folder}/${id}.yaml`;
  const validated = validateScenarioText(textOf(id), path, {
    loadTopology: topologyLoading(path, (name) => {
      const fileName = `scenarios/topologies/${name}.yaml`;
      return { text: readFileSync(fileName, "utf8"), fileName };
    }),
  });
  return { scenario: requireValid(validated, path).scenario, warnings: validated.warnings };
}

test("thirty-one incidents are in the catalogue, each once, with a source and a place in time", () => {
  expect(catalogue).toHaveLength(31);
  expect(new Set(catalogue.map(({ id }) => id)).size).toBe(31);
  for (const { id, sources, onsetUtc, date, title, mapping } of catalogue) {
    expect(sources.length, id).toBeGreaterThan(0);
    for (const source of sources) expect(new URL(source).protocol, id).toBe("https:");
    // Local dates of venues west or east of Greenwich may differ by a day.
    expect(Math.abs(Date.parse(onsetUtc) - Date.parse(date)), id).toBeLessThan(36 * 3_600_000);
    expect(title.length, id).toBeGreaterThan(10);
    expect(mapping.length, id).toBeGreaterThan(20);
  }
});

test("every file is the scenario of an incident or one of its what-ifs, and every incident has one", () => {
  expect(files.map((name) => basename(name, ".yaml")).toSorted()).toEqual(
    [...catalogue.map(({ id }) => id), ...whatIfs].toSorted(),
  );
});

describe.each(catalogue)("$id", (incident) => {
  test("is a sound scenario that leaves time for the steady state and judges what matters", () => {
    const { scenario, warnings } = load(incident.id);
    expect(warnings).toEqual([]);
    expect(scenario.id).toBe(incident.id);
    const kinds = scenario.objectives.map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(["service", "rto", "rpo", "invariants"]));
    expect(scenario.durationSeconds).toBeLessThanOrEqual(2400);
  });

  test("says by how much time is scaled, where it begins and what it comes from", () => {
    const { scenario } = load(incident.id);
    const { timeScale, onsetAtSeconds } = incident.replay;
    const scale = timeScale === 1 ? "in real time" : `time scale 1:${timeScale}`;
    expect(scenario.description).toContain(scale);
    expect(scenario.timeScale ?? 1).toBe(timeScale);
    expect(scenario.description).toContain(`begins ${onsetAtSeconds} s into the run`);
    expect(scenario.description.toLowerCase()).toContain(incident.mapping.toLowerCase());
    const text = textOf(incident.id);
    for (const source of incident.sources) expect(text).toContain(source);
    expect(text).toContain(`Onset: ${incident.onsetUtc.slice(0, 16).replace("T", " ")} UTC`);
  });

  test("strikes and relents exactly in the published windows", () => {
    const { scenario } = load(incident.id);
    for (const window of incident.windows) {
      const name = `${window.service}, ${window.fromMin} to ${window.toMin} min`;
      const struck = (window.faults ?? []).map((id) => faultOf(scenario, id));
      expect(window.withoutCounterpart === undefined, name).toBe(struck.length > 0);
      if (struck.length === 0) continue;
      const { fromSeconds, toSeconds } = inRun(window, incident, scenario);
      const begins = struck.map(({ atSeconds }) => atSeconds);
      expect(Math.min(...begins), name).toBeCloseTo(fromSeconds, 6);
      const ends = struck.flatMap(endsAtSeconds);
      if (ends.length > 0) expect(Math.max(...ends), name).toBeCloseTo(toSeconds, 6);
    }
  });

  test("has no fault that stands for nothing", () => {
    const { scenario } = load(incident.id);
    const named = incident.windows.flatMap(({ faults = [] }) => faults);
    expect([...new Set(named)].toSorted()).toEqual(scenario.faults.map(({ id }) => id).toSorted());
  });
});

describe.each(whatIfs)("%s", (id) => {
  test("is struck as the incident was, under the same load; only the design differs", () => {
    const { componentOverrides: _, ...whatIf } = load(id).scenario;
    const { componentOverrides: __, ...was } = load(original).scenario;
    const story = { id: "", title: "", description: "" };
    expect({ ...whatIf, ...story }).toEqual({ ...was, ...story });
  });
});

function faultOf(scenario: Scenario, id: string): FaultSpec {
  const fault = scenario.faults.find((each) => each.id === id);
  if (fault === undefined) throw new Error(`${scenario.id} has no fault "${id}"`);
  return fault;
}

/** A window in seconds of the run; one whose end nobody published lasts to the end of the run. */
function inRun({ fromMin, toMin }: Window, { replay }: Incident, scenario: Scenario) {
  const at = (minutes: number) => replay.onsetAtSeconds + (minutes * 60) / replay.timeScale;
  const toSeconds = toMin === null ? scenario.durationSeconds : at(toMin);
  return { fromSeconds: at(fromMin), toSeconds };
}

/** When a fault is over, the last of its hosts being back; nothing for one that only strikes. */
function endsAtSeconds(fault: FaultSpec): readonly number[] {
  if (!("durationSeconds" in fault)) return [];
  const curve = "recoveryCurve" in fault ? (fault.recoveryCurve ?? []) : [];
  const lastBackSeconds = curve.at(-1)?.afterSeconds ?? 0;
  return [fault.atSeconds + fault.durationSeconds + lastBackSeconds];
}
