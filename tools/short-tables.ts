/**
 * The ziggurat's tables in little for the page's worker. As literals they are a sixteenth of what it fetches; from the law
 * that they follow they come out right but for a few units in the last place, and those are what is sent instead. The
 * arithmetic is the kernel's own, which is the same in every engine, and the build fails when a single bit differs.
 */
import type { Plugin } from "vite";
import { exp } from "../sim/kernel/math/exp.ts";
import { ln } from "../sim/kernel/math/ln.ts";
import {
  exponentialEdge,
  exponentialHeight,
  normalEdge,
  normalHeight,
} from "../sim/kernel/random/ziggurat-tables.ts";

interface Law {
  /** Height at a place. */
  readonly density: (at: number) => number;
  /** Place of a height. */
  readonly inverse: (height: number) => number;
}

interface Given {
  readonly first: number;
  readonly second: number;
  /** Units in the last place by which the law misses each edge and each height, as letters. */
  readonly edges: string;
  readonly heights: string;
}

/** Letter of no correction. */
const noneCode = 110;

/** Layers of equal area, each from the one before. Its text is sent to the page, so it names nothing but its arguments. */
function tablesFrom(law: Law, given: Given, none: number): readonly [Float64Array, Float64Array] {
  const word = new BigInt64Array(1);
  const value = new Float64Array(word.buffer);
  const moved = (from: number, letters: string, at: number) => {
    value[0] = from;
    word[0] = (word[0] ?? 0n) + BigInt((letters.codePointAt(at) ?? none) - none);
    return value[0];
  };
  const edge = Float64Array.of(given.first, given.second, ...new Array<number>(255).fill(0));
  const height = new Float64Array(257);
  for (let at = 0; at < 257; at += 1) {
    if (at > 1 && at < 256) {
      const area = (edge[0] ?? 0) * (height[1] ?? 0);
      const next = law.inverse((height[at - 1] ?? 0) + area / (edge[at - 1] ?? 0));
      edge[at] = moved(next, given.edges, at);
    }
    height[at] = moved(law.density(edge[at] ?? 0), given.heights, at);
  }
  return [edge, height];
}

/** How each law reads in the module that is sent, where `exp` and `ln` are the kernel's. */
const laws = {
  normal: {
    text: "{ density: (x) => exp(-0.5 * x * x), inverse: (y) => Math.sqrt(-2 * ln(y)) }",
    law: {
      density: (x: number) => exp(-0.5 * x * x),
      inverse: (y: number) => Math.sqrt(-2 * ln(y)),
    },
    edge: normalEdge,
    height: normalHeight,
  },
  exponential: {
    text: "{ density: (x) => exp(-x), inverse: (y) => -ln(y) }",
    law: { density: (x: number) => exp(-x), inverse: (y: number) => -ln(y) },
    edge: exponentialEdge,
    height: exponentialHeight,
  },
} as const;

/** What the law has to be given to come out with a table, bit for bit. */
function shortened(name: keyof typeof laws): Given {
  const { law, edge, height } = laws[name];
  const given = { first: edge[0] ?? 0, second: edge[1] ?? 0, edges: "", heights: "" };
  const area = given.first * (height[1] ?? 0);
  for (let at = 0; at < 257; at += 1) {
    const next = law.inverse((height[at - 1] ?? 0) + area / (edge[at - 1] ?? 1));
    given.edges += letterFor(edge[at] ?? 0, at > 1 && at < 256 ? next : (edge[at] ?? 0));
    given.heights += letterFor(height[at] ?? 0, law.density(edge[at] ?? 0));
  }
  const [ownEdge, ownHeight] = tablesFrom(law, given, noneCode);
  const differs = (own: Float64Array, asked: Float64Array) =>
    own.some((each, at) => each !== asked[at]);
  if (differs(ownEdge, edge) || differs(ownHeight, height)) {
    throw new Error(`the ${name} ziggurat's tables do not come out of their law`);
  }
  return given;
}

function letterFor(asked: number, made: number): string {
  const [a = 0n, b = 0n] = new BigInt64Array(Float64Array.of(asked, made).buffer);
  return String.fromCodePoint(noneCode + Number(a - b));
}

export function shortTablesOfWorker(): Plugin {
  return {
    name: "short-tables-of-worker",
    enforce: "pre",
    load(id) {
      if (!id.endsWith("/sim/kernel/random/ziggurat-tables.ts")) return undefined;
      const made = (name: keyof typeof laws) =>
        `tablesFrom(${laws[name].text}, ${JSON.stringify(shortened(name))}, ${noneCode})`;
      return [
        `import { exp } from "../math/exp.ts";`,
        `import { ln } from "../math/ln.ts";`,
        tablesFrom.toString(),
        `export const [normalEdge, normalHeight] = ${made("normal")};`,
        `export const [exponentialEdge, exponentialHeight] = ${made("exponential")};`,
      ].join("\n");
    },
  };
}
