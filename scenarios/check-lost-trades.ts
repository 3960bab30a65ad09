/** What a scenario must say so that execution reports can be sent again and lost trades decided. */
import type { Topology } from "../sim/twin/topology-types.ts";
import type { Finding } from "./schema-mistakes.ts";
import { isObject, valueAt } from "./schema-walk.ts";

const reportsPath = ["workload", "client", "executionReports"];

export function checkLostTrades(data: unknown, topology: Topology | undefined): readonly Finding[] {
  const hasReports = valueAt(data, reportsPath) !== undefined;
  const lostTrades = valueAt(data, ["lostTrades"]);
  const findings: Finding[] = [];
  if (hasReports && topology !== undefined && !canResend(topology)) {
    findings.push({
      code: "scenario.reports-without-path",
      problem: `Topology "${topology.id}" has no path by which a client could ask for missing reports`,
      remedy:
        "Leave executionReports out, or give the topology a matching service and a flow for order-status, whose path the request takes",
      path: reportsPath,
    });
  }
  if (lostTrades !== undefined && !hasReports) {
    findings.push({
      code: "scenario.lost-trades-without-reports",
      problem:
        "Nobody knows which trades clients were told of: the venue sends no execution reports",
      remedy: "Add workload.client.executionReports, or leave lostTrades out",
      path: ["lostTrades"],
    });
  }
  const isManual = isObject(lostTrades) && lostTrades["policy"] === "manual";
  const settling = settlingSteps(data);
  if (isManual && settling.length === 0) {
    findings.push({
      code: "scenario.lost-trades-undecided",
      problem: "People are to decide on lost trades, and no runbook has a step in which they do",
      remedy: "Add a step with action { do: settle-trades }, or use policy bust or honour",
      path: ["lostTrades", "policy"],
    });
  }
  const [step] = settling;
  if (step !== undefined && !isManual) {
    findings.push({
      code: "scenario.settle-without-policy",
      problem: "The step settle-trades has nothing to decide: lostTrades has no policy manual",
      remedy: "Add lostTrades with policy: manual, or leave the step out",
      path: step,
    });
  }
  return findings;
}

function canResend({ flows, components }: Topology): boolean {
  return (
    flows.some(({ requests }) => requests.includes("order-status")) &&
    components.some(({ service }) => service === "matching-service")
  );
}

function settlingSteps(data: unknown) {
  const runbooks = valueAt(data, ["runbooks"]);
  return (Array.isArray(runbooks) ? runbooks : []).flatMap((_, runbook) => {
    const steps = valueAt(data, ["runbooks", runbook, "steps"]);
    return (Array.isArray(steps) ? steps : []).flatMap((_step, at) => {
      const path = ["runbooks", runbook, "steps", at, "action"];
      return valueAt(data, [...path, "do"]) === "settle-trades" ? [path] : [];
    });
  });
}
