/**
 * What AWS documents about itself (limits, timings, failure behaviour, prices), by key, each with its
 * source, date and confidence. `catalogue.json` holds the facts; it was taken in from notes in which
 * some figures stood under two keys: such a fact has `alternatives`, the readings that were not chosen,
 * and a key that was merged away is answered with an error naming where its figure went.
 *
 * Taking in normalised three spellings: "2-5" became [2, 5], "4/6" became [4, 6], "true" became true.
 */
import { TwinError } from "../errors/twin-error.ts";
import catalogue from "./catalogue.json" with { type: "json" };

/** Every key of the catalogue; a mistyped one does not compile. */
export type FactKey = keyof typeof catalogue;

type FactScalar = number | string | boolean;

/** A figure, several figures in the order that the unit names them, or figures by name (nested at most twice). */
export type FactValue =
  | FactScalar
  | readonly FactScalar[]
  | { readonly [field: string]: FactValue };

/** `documented`: read in AWS documentation. `vendor-blog`: AWS blog, sample or a mirror. `from-memory`: not checked. */
export type FactConfidence = "documented" | "vendor-blog" | "from-memory";

/** Another reading of the same figure, recorded but not used. */
export interface FactAlternative {
  readonly key: string;
  readonly value: FactValue;
  readonly unit: string;
  readonly asOf: string;
  readonly confidence: FactConfidence;
  readonly source: string;
  readonly note: string;
}

export interface Fact {
  readonly key: FactKey;
  readonly service: string;
  readonly value: FactValue;
  /** Unit of the figure; when there are several, it names them in order. Empty for words. */
  readonly unit: string;
  readonly kind: "limit" | "timing" | "failure-mode" | "price" | "behaviour";
  /** Whether a customer can set or raise it; `null` where that is unknown or means nothing. */
  readonly adjustable: boolean | null;
  /** How a simulator should use it. */
  readonly note: string;
  readonly source: string;
  /** Date of the text that was read, such as "2023-06". */
  readonly asOf: string;
  readonly confidence: FactConfidence;
  readonly alternatives?: readonly FactAlternative[];
}

type FactRecord = Omit<Fact, "key" | "confidence"> & Partial<Pick<Fact, "confidence">>;

const records = catalogue as unknown as Readonly<Record<string, FactRecord>>;

const facts: readonly Fact[] = Object.entries(records).map(([key, record]) => ({
  key: key as FactKey,
  // The page's worker is sent this word only where it is another; in the catalogue every fact has it.
  confidence: "documented",
  ...record,
}));

const factsByKey: ReadonlyMap<string, Fact> = new Map(facts.map((fact) => [fact.key, fact]));

/** Every fact, in the order of the catalogue. */
export function allFacts(): readonly Fact[] {
  return facts;
}

/** Makes a key out of text that came from a user; throws, naming the nearest keys, when there is none. */
export function factKey(text: string): FactKey {
  return requireFact(text).key;
}

export function factOf(key: FactKey): Fact {
  return requireFact(key);
}

/** The number of a fact that is one number, or the one at `index` of a fact that lists several. */
export function factNumber(key: FactKey, index?: number): number {
  return index === undefined ? factNumberAt(key) : factNumberAt(key, index);
}

/**
 * The number reached by following field names and list positions:
 * `factNumberAt("net.rtt.inter-az", "typical", 1)`.
 */
export function factNumberAt(key: FactKey, ...path: readonly (string | number)[]): number {
  const fact = requireFact(key);
  let value: FactValue | undefined = fact.value;
  for (const step of path) value = childOf(value, step);
  if (typeof value === "number") return value;
  throw new TwinError({
    code: "facts.not-a-number",
    problem: `Fact "${key}" has no number at ${path.length === 0 ? "its top" : path.join(" > ")}; its value is ${JSON.stringify(fact.value)} (${fact.unit})`,
    remedy: "Name the field or the position of the figure you mean",
    at: key,
  });
}

/** Whether a fact was written down from memory, so that nobody should quote it unchecked. */
export function isDoubtful(fact: { readonly confidence: FactConfidence }): boolean {
  return fact.confidence === "from-memory";
}

/** Facts that contain all the words, in any case, anywhere; those with the words in their key come first. */
export function searchFacts(words: readonly string[]): readonly Fact[] {
  const wanted = words.map((word) => word.toLowerCase());
  const inKey: Fact[] = [];
  const elsewhere: Fact[] = [];
  for (const fact of facts) {
    if (wanted.every((word) => fact.key.includes(word))) {
      inKey.push(fact);
      continue;
    }
    const text = textOf(fact);
    if (wanted.every((word) => text.includes(word))) elsewhere.push(fact);
  }
  return [...inKey, ...elsewhere];
}

/** The keys most like a mistyped one, the most alike first. */
export function nearestFactKeys(text: string, countMax: number): readonly FactKey[] {
  const wanted = text.toLowerCase();
  const ranked = facts.map((fact, order) => ({
    key: fact.key,
    order,
    distance: editDistance(wanted, fact.key),
  }));
  ranked.sort((a, b) => a.distance - b.distance || a.order - b.order);
  return ranked.slice(0, countMax).map((each) => each.key);
}

function requireFact(key: string): Fact {
  const fact = factsByKey.get(key);
  if (fact !== undefined) return fact;
  const homes = facts.filter((each) => each.alternatives?.some((other) => other.key === key));
  if (homes.length > 0) {
    throw new TwinError({
      code: "facts.key-merged",
      problem: `Fact "${key}" was merged with a better source of the same figure`,
      remedy: `Use ${homes.map((home) => home.key).join(" or ")}`,
      at: key,
    });
  }
  throw new TwinError({
    code: "facts.key-unknown",
    problem: `There is no fact "${key}"`,
    remedy: `Nearest keys: ${nearestFactKeys(key, 3).join(", ")}. Search them all with: stormbell facts WORD`,
    at: key,
  });
}

function childOf(value: FactValue | undefined, step: string | number): FactValue | undefined {
  if (value === null || typeof value !== "object") return undefined;
  return Object.hasOwn(value, step)
    ? (value as Readonly<Record<string | number, FactValue>>)[step]
    : undefined;
}

function textOf(fact: Fact): string {
  const value = JSON.stringify(fact.value);
  return [fact.key, fact.service, fact.kind, fact.unit, fact.note, fact.source, value]
    .join("\n")
    .toLowerCase();
}

/** Levenshtein distance: the fewest letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = previous[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
