/** CloudWatch GetMetricData, with the request beside it where there is one, and GetMetricStatistics. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Finding } from "../fit-report.ts";
import type { Series } from "../series/series.ts";
import { parseTime } from "../tables/parse-time.ts";
import { dimensionText, missingMeansOf } from "./cloudwatch-metrics.ts";
import { isRecord, listOf, PointGatherer, requireNumber, requireTime, textOf } from "./imported.ts";

interface Query {
  readonly component: string;
  readonly metric: string;
  readonly stat: string;
  readonly unit: string;
  readonly periodSec: number | undefined;
}

/** The queries of a request (`--metric-data-queries`, or the whole input), by id. */
function queriesOf(request: unknown): ReadonlyMap<string, Query> {
  const list = isRecord(request) ? listOf(request["MetricDataQueries"]) : listOf(request);
  const queries = new Map<string, Query>();
  for (const each of list) {
    if (!isRecord(each)) continue;
    const stat = isRecord(each["MetricStat"]) ? each["MetricStat"] : {};
    const metric = isRecord(stat["Metric"]) ? stat["Metric"] : {};
    const dimensions = Object.fromEntries(
      listOf(metric["Dimensions"])
        .filter(isRecord)
        .map((d) => [textOf(d["Name"]), textOf(d["Value"])]),
    );
    const period = Number(stat["Period"] ?? each["Period"]);
    queries.set(textOf(each["Id"]), {
      component: dimensionText(dimensions),
      metric: textOf(metric["MetricName"]) || textOf(each["Label"]) || textOf(each["Expression"]),
      stat: textOf(stat["Stat"]),
      unit: textOf(stat["Unit"]),
      periodSec: period > 0 ? period : undefined,
    });
  }
  return queries;
}

/** Pages of one answer, joined by id. Throws `import.incomplete` when data is missing by its own account. */
export function importMetricData(
  pages: readonly unknown[],
  request: unknown,
  file: string,
  findings: Finding[],
): readonly Series[] {
  const queries = queriesOf(request);
  const several = idsOfSeveral(pages);
  const gatherer = new PointGatherer();
  let guessed = 0;
  const last = pages.at(-1);
  if (isRecord(last) && textOf(last["NextToken"]) !== "")
    throw incomplete("the answer ends with a NextToken", file);
  for (const [page, document] of pages.entries()) {
    noteMessages(isRecord(document) ? document["Messages"] : [], findings, file);
    for (const [i, result] of listOf(
      isRecord(document) ? document["MetricDataResults"] : [],
    ).entries()) {
      if (!isRecord(result)) continue;
      const at =
        pages.length > 1 ? ` page ${page + 1} /MetricDataResults/${i}` : ` /MetricDataResults/${i}`;
      refusePartial(result, page, pages.length, file, at);
      const id = textOf(result["Id"]);
      const query = queries.get(id);
      if (query === undefined) guessed += 1;
      const label = textOf(result["Label"]);
      const metric = query === undefined || several.has(id) ? metricOfLabel(label) : query.metric;
      const stat = query?.stat ?? "";
      noteMessages(result["Messages"], findings, `${file}${at}`);
      const points = gatherer.of(
        {
          id: several.has(id) ? `${id} ${label}`.trim() : id || metric,
          component: query?.component ?? "",
          metric,
          stat,
          unit: query?.unit ?? "",
          missingMeans: missingMeansOf(metric, stat),
        },
        file,
      );
      points.periodSec = query?.periodSec;
      addPoints(result, points, file, at);
    }
  }
  if (guessed > 0) {
    findings.push({
      severity: "warning",
      what: `${guessed} results have no request beside them: metric guessed from the label, statistic and unit unknown. Lay the request beside the answer as NAME.request.json, or give it among the files`,
      at: file,
    });
  }
  return gatherer.finish(file);
}

/** Ids under which several series came: a SEARCH gives each its own label, and all of them its id. */
function idsOfSeveral(pages: readonly unknown[]): ReadonlySet<string> {
  const labels = new Map<string, string>();
  const several = new Set<string>();
  for (const result of pages
    .flatMap((page) => listOf(isRecord(page) ? page["MetricDataResults"] : []))
    .filter(isRecord)) {
    const [id, label] = [textOf(result["Id"]), textOf(result["Label"])];
    if ((labels.get(id) ?? label) !== label) several.add(id);
    labels.set(id, label);
  }
  return several;
}

/** What CloudWatch itself remarks, such as that a search found more metrics than it returns. */
function noteMessages(messages: unknown, findings: Finding[], at: string): void {
  for (const each of listOf(messages).filter(isRecord)) {
    findings.push({
      severity: "warning",
      what: `CloudWatch remarks: ${[textOf(each["Code"]), textOf(each["Value"])].filter((part) => part !== "").join(", ")}`,
      at,
    });
  }
}

function addPoints(
  result: Record<string, unknown>,
  points: { timesMs: number[]; values: number[] },
  file: string,
  at: string,
): void {
  const times = listOf(result["Timestamps"]);
  const values = listOf(result["Values"]);
  if (times.length !== values.length) {
    throw new TwinError({
      code: "import.uneven-points",
      problem: `${times.length} times stand against ${values.length} values`,
      remedy: "The export is damaged: export it again; nothing was imported",
      at: `${file}${at}`,
    });
  }
  for (const [i, time] of times.entries()) {
    points.timesMs.push(requireTime(parseTime(textOf(time)), time, file, `${at}/Timestamps/${i}`));
    points.values.push(requireNumber(values[i], file, `${at}/Values/${i}`));
  }
}

/** Earlier pages say PartialData of what a later page completes; the last page must not. */
function refusePartial(
  result: Record<string, unknown>,
  page: number,
  pages: number,
  file: string,
  at: string,
): void {
  const status = textOf(result["StatusCode"]);
  if (status === "" || status === "Complete" || (status === "PartialData" && page + 1 < pages))
    return;
  throw incomplete(`${textOf(result["Id"])} has status ${status}`, `${file}${at}`);
}

function incomplete(what: string, at: string): TwinError {
  return new TwinError({
    code: "import.incomplete",
    problem: `The export is not complete: ${what}`,
    remedy:
      "Fetch the remaining pages and give them in one file or one after another; nothing was imported",
    at,
  });
}

/** `orders-alb RequestCount` names a metric in its last word, where it looks like one of AWS. */
function metricOfLabel(label: string): string {
  return label.split(/\s+/).findLast((word) => /^[A-Z][A-Za-z0-9_]+$/.test(word)) ?? label;
}

const plainStatistics = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"];

/** One series for each statistic of the answers. */
export function importMetricStatistics(
  documents: readonly unknown[],
  file: string,
): readonly Series[] {
  const gatherer = new PointGatherer();
  for (const [d, document] of documents.filter(isRecord).entries()) {
    const place = documents.length > 1 ? ` document ${d + 1} /Datapoints` : " /Datapoints";
    for (const [i, point] of listOf(document["Datapoints"]).entries()) {
      if (isRecord(point))
        addDatapoint(point, textOf(document["Label"]), gatherer, file, `${place}/${i}`);
    }
  }
  return gatherer.finish(file);
}

function addDatapoint(
  point: Record<string, unknown>,
  metric: string,
  gatherer: PointGatherer,
  file: string,
  place: string,
): void {
  const at = requireTime(parseTime(textOf(point["Timestamp"])), point["Timestamp"], file, place);
  const extended = isRecord(point["ExtendedStatistics"]) ? point["ExtendedStatistics"] : {};
  const statistics = [
    ...plainStatistics.map((name) => [name, point[name]] as const),
    ...Object.entries(extended),
  ];
  for (const [stat, value] of statistics) {
    if (value === undefined) continue;
    const amount = requireNumber(value, file, `${place}/${stat}`);
    const name = {
      id: `${metric} ${stat}`,
      component: "",
      metric,
      stat,
      unit: textOf(point["Unit"]),
      missingMeans: missingMeansOf(metric, stat),
    };
    const points = gatherer.of(name, file);
    points.timesMs.push(at);
    points.values.push(amount);
  }
}
