/** Module resolution while mutants are judged: "vitest" is the collector beside this file. */

const collector = new URL("./test-collector.mjs", import.meta.url).href;

/**
 * @param {string} specifier
 * @param {unknown} context
 * @param {(specifier: string, context: unknown) => unknown} next
 */
export function resolve(specifier, context, next) {
  if (specifier === "vitest") return { url: collector, shortCircuit: true };
  return next(specifier, context);
}
