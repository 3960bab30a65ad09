/** The address holds everything that a colleague must see: run, instant, span, selection, tab, speed, branch. */
import { effect, untracked } from "@preact/signals";
import { nodesOf } from "./map/layout.ts";
import { speedChoices } from "./playback/speed.ts";
import { clockText } from "./playback/times.ts";
import { seek } from "./player.ts";
import * as state from "./state.ts";

export interface Address {
  readonly run: string;
  /** Undefined when the link names none. */
  readonly seed: string | undefined;
  /** Each field by itself; what could not be read is named in `bad`. */
  readonly instantUs: number | undefined;
  readonly span: readonly [number, number] | undefined;
  readonly selected: string;
  readonly opened: string;
  readonly region: string;
  readonly tab: state.Tab | undefined;
  readonly speed: (typeof speedChoices)[number] | undefined;
  readonly compare: string;
  readonly decisions: string;
  readonly hash: string;
  readonly version: string;
  readonly bad: readonly string[];
}

export function readAddress(hash: string): Address {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?");
  const fields = new URLSearchParams(query);
  const bad: string[] = [];
  const format = fields.get("v") ?? "1";
  if (format !== "1") bad.push(`v "${format}"`);
  const read = <Value>(name: string, parse: (text: string) => Value | undefined) => {
    const text = fields.get(name);
    if (text === null) return undefined;
    const value = parse(text);
    if (value === undefined) bad.push(`${name} "${text}"`);
    return value;
  };
  const seconds = (text: string) =>
    /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1e6) : undefined;
  const id = (text: string) => (/^[\w@.:-]{1,120}$/.test(text) ? text : undefined);
  return {
    run: decoded(path.match(/^\/run\/([^/]+)$/)?.[1] ?? ""),
    seed: fields.get("seed") ?? undefined,
    instantUs: read("t", seconds),
    span: read("span", (text) => {
      const [from, to] = text.split("-").map(seconds);
      return from === undefined || to === undefined || to <= from
        ? undefined
        : ([from, to] as const);
    }),
    selected: read("sel", id) ?? "",
    opened: read("open", id) ?? "",
    region: read("region", id) ?? "",
    tab: read("tab", (text) => state.tabs.find((tab) => tab.id === text)?.id),
    speed: read("speed", (text) => speedChoices.find((choice) => String(choice) === text)),
    compare: read("cmp", id) ?? "",
    decisions: fields.get("d") ?? "",
    hash: fields.get("h") ?? "",
    version: fields.get("by") ?? "",
    bad,
  };
}

/** As it stands when it is no encoded text: then nothing has this name, and that is told. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What the page shows now, as an address. */
export function addressNow(): string {
  const view = state.view.value;
  if (view === undefined) return "#/";
  const fields = new URLSearchParams({ v: "1", seed: view.head.seed });
  fields.set("t", String(Math.round(state.instantUs.value / 100_000) / 10));
  const span = state.span.value;
  if (span !== undefined) fields.set("span", span.map((at) => Math.round(at / 1e6)).join("-"));
  if (state.selected.value !== "") fields.set("sel", state.selected.value);
  if (state.opened.value !== "") fields.set("open", state.opened.value);
  if (state.region.value !== "") fields.set("region", state.region.value);
  if (state.tab.value !== "charts") fields.set("tab", state.tab.value);
  if (state.speed.value !== "fit") fields.set("speed", String(state.speed.value));
  const branch = state.compared.value;
  if (branch !== undefined) {
    fields.set("cmp", branch.id);
    fields.set(
      "d",
      JSON.stringify(state.branches.value.map((each) => [each.title, each.decision])),
    );
  }
  fields.set("h", scenarioHash(view.head.scenario));
  fields.set("by", view.head.programVersion);
  return `#/run/${encodeURIComponent(runNow())}?${fields.toString()}`;
}

/** The run on screen by the name that an address has for it. */
export function runNow(): string {
  const { kind, name } = state.source.value;
  return kind === "scenario" ? name : kind === "demonstration" ? "demonstration" : "file";
}

/** Eight hexadecimal digits that change with the scenario (FNV-1a over its JSON). */
function scenarioHash(scenario: unknown): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(scenario)) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Puts the page where an address says, once its run is loaded. */
export function applyAddress(address: Address): void {
  const view = state.view.value;
  if (view === undefined) return;
  const notes: string[] = address.bad.map((field) => `The link's ${field} could not be read.`);
  const nodes = new Set(nodesOf(view).map(({ id }) => id));
  const { seed } = view.head;
  if (address.seed !== undefined && address.seed !== seed) {
    notes.push(`The link's seed "${address.seed}" is not that of what is shown (${seed}).`);
  }
  const isKnown = (id: string) => id === "" || nodes.has(id);
  if (isKnown(address.selected)) state.selected.value = address.selected;
  else notes.push(`The link's component "${address.selected}" is no component of this platform.`);
  if (isKnown(address.opened)) state.opened.value = address.opened;
  else notes.push(`The link's open "${address.opened}" is no component of this platform.`);
  const regions = view.head.topology.regions.map(({ id }) => id);
  if (address.region === "" || regions.includes(address.region))
    state.region.value = address.region;
  if (address.tab !== undefined) state.tab.value = address.tab;
  else state.tab.value = "charts";
  if (address.speed !== undefined) state.speed.value = address.speed;
  else state.speed.value = "fit";
  state.span.value = address.span;
  if (address.compare !== "" && state.branches.value.some(({ id }) => id === address.compare)) {
    state.compareId.value = address.compare;
  }
  if (address.instantUs !== undefined) {
    if (address.instantUs > view.head.durationUs) {
      notes.push(`The link's t is after the end (${clockText(view.head.durationUs, 0)}).`);
    }
    seek(address.instantUs);
  }
  if (address.version !== "" && address.version !== view.head.programVersion) {
    notes.push(
      `The link was made with ${address.version}; this is ${view.head.programVersion}, and numbers may differ.`,
    );
  } else if (address.hash !== "" && address.hash !== scenarioHash(view.head.scenario)) {
    notes.push("The link was made with another version of this scenario; numbers may differ.");
  }
  for (const note of notes) state.notify(note);
}

const writeEveryMs = 500;
let isApplying = false;
/** How often the address was written, for the test that counts it. */
export let addressWrites = 0;

export function withoutWriting(work: () => void): void {
  isApplying = true;
  work();
  isApplying = false;
}

/** Writes the address as the page changes: a choice is a step that Back undoes, the passing of time is not. */
export function keepAddress(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let choiceBefore: string | undefined;
  const write = () => {
    timer = undefined;
    if (state.view.peek() === undefined) return;
    addressWrites += 1;
    history.replaceState(null, "", untracked(addressNow));
  };
  effect(() => {
    const choice = JSON.stringify([
      state.selected.value,
      state.opened.value,
      state.region.value,
      state.tab.value,
      state.compareId.value,
    ]);
    if (choiceBefore !== undefined && choice !== choiceBefore && !isApplying) {
      if (timer !== undefined) clearTimeout(timer);
      timer = undefined;
      addressWrites += 1;
      history.pushState(null, "", untracked(addressNow));
    }
    choiceBefore = choice;
  });
  effect(() => {
    void [state.instantUs.value, state.speed.value, state.span.value, state.view.value];
    timer ??= setTimeout(write, writeEveryMs);
  });
  effect(() => {
    if (!state.isPlaying.value && timer !== undefined) {
      clearTimeout(timer);
      write();
    }
  });
}
