/** Requests of GetMetricData, which name what the answer only numbers: within the answer, beside it, or given with it. */
import { stat } from "node:fs/promises";
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readWholeText } from "../files/read-text.ts";
import { isRecord, listOf, parseJson, textOf } from "./imported.ts";
import { headOf } from "./sniff.ts";

/** `week.json` and `week.json.gz` have their request in `week.request.json`. */
export async function requestBeside(file: string): Promise<unknown> {
  const beside = file.replace(/\.json(\.gz)?$/i, "") + requestEnding;
  if (beside === file || (await stat(beside).catch(() => undefined)) === undefined)
    return undefined;
  return parseJson(await readWholeText(beside), beside);
}

const requestEnding = ".request.json";

export function isRequestName(file: string): boolean {
  return file.endsWith(requestEnding);
}

/** The request that a file is, or `undefined`: an answer that holds its request is none. */
async function requestIn(file: string): Promise<unknown> {
  const head = (await headOf(file)).trimStart();
  if (!/^[[{]/.test(head) || !/"MetricDataQueries"|"MetricStat"|"Expression"/.test(head))
    return undefined;
  const text = await readWholeText(file);
  return text.includes('"MetricDataResults"') ? undefined : parseJson(text, file);
}

/** Files that are requests, joined to one; and those that are not. Throws `import.request-unclear` when one id means two things. */
export async function withoutRequests(
  files: readonly string[],
): Promise<{ readonly exports: readonly string[]; readonly request: unknown }> {
  const exports: string[] = [];
  const queries = new Map<string, { readonly text: string; readonly query: unknown }>();
  for (const file of files) {
    const request = await requestIn(file);
    if (request === undefined) {
      exports.push(file);
      continue;
    }
    for (const query of isRecord(request)
      ? listOf(request["MetricDataQueries"])
      : listOf(request)) {
      const id = isRecord(query) ? textOf(query["Id"]) : "";
      const text = JSON.stringify(query);
      const known = queries.get(id);
      if (known !== undefined && known.text !== text) throw unclear(id, file);
      queries.set(id, { text, query });
    }
  }
  if (exports.length > 0 || files.length === 0) {
    const all = [...queries.values()].map(({ query }) => query);
    return { exports, request: all.length === 0 ? undefined : { MetricDataQueries: all } };
  }
  throw new TwinError({
    code: "import.only-requests",
    problem: "The files are requests of GetMetricData, which hold no data",
    remedy: "Give the answers with them",
    at: files[0]!,
  });
}

function unclear(id: string, file: string): TwinError {
  return new TwinError({
    code: "import.request-unclear",
    problem: `Two requests ask for different things under the id ${id}`,
    remedy: "Lay each request beside its answer, as NAME.request.json beside NAME.json",
    at: file,
  });
}
