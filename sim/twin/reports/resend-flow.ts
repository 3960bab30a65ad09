import type { CallSpec } from "../../components/fabric/call-sites.ts";
import type { FlowSpec, Topology } from "../topology-types.ts";

/** Id of the path that requests for missing execution reports take. */
const resendFlowId = "resend-reports";

/**
 * Assumption: an order service waits a second for the log, as it does for the database, and tries once: who is turned
 * away asks again anyway.
 */
const readTimeoutMs = 1000;

/**
 * The topology with a path for resends: that of the order-status query, as far as the order service, and from there to the
 * journal instead of the database. Unchanged where there is no such query, or no journal.
 */
export function withResendFlow(topology: Topology): Topology {
  const status = topology.flows.find(({ requests }) => requests.includes("order-status"));
  const engine = topology.components.find(({ service }) => service === "matching-service");
  if (status === undefined || engine?.service !== "matching-service") return topology;
  const databases = new Set(
    topology.components.filter(({ service }) => isDatabase(service)).map(({ id }) => id),
  );
  const read = { to: engine.journal, operation: "read", timeoutMs: readTimeoutMs };
  const flow: FlowSpec = {
    id: resendFlowId,
    requests: [],
    function: status.function,
    call: throughTo(status.call, databases, read),
  };
  return { ...topology, flows: [...topology.flows, flow] };
}

/** What an order-status query reads. */
function isDatabase(service: string): boolean {
  return ["aurora", "aurora-limitless", "rds-proxy"].includes(service);
}

/** The same calls, with those to databases at the innermost place replaced by one to the journal. */
function throughTo(call: CallSpec, databases: ReadonlySet<string>, read: CallSpec): CallSpec {
  const { calls = [], ...own } = call;
  const deeper = calls.find((each) => (each.calls?.length ?? 0) > 0);
  if (deeper !== undefined) {
    const replaced = throughTo(deeper, databases, read);
    return { ...own, calls: calls.map((each) => (each === deeper ? replaced : each)) };
  }
  return { ...own, calls: [...calls.filter(({ to }) => !databases.has(to)), read] };
}
