import type { AssembledFabric } from "../components/fabric/assemble.ts";
import { isCall } from "../components/fabric/call-sites.ts";
import { cellChannel, countChannel, levelChannel } from "../components/fabric/channel.ts";
import type { Clients } from "./clients/clients.ts";
import type { ServedUsers } from "./clients/served-users.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { RecordedChannel } from "./recorder.ts";
import type { VenueReports } from "./reports/venue-reports.ts";
import type { Scenario } from "./scenario-types.ts";
import type { ServiceLevels } from "./service-levels.ts";

/** What a run is recorded of, beside its zones, books and costs. */
export interface RecordedParts {
  readonly scenario: Scenario;
  readonly fabric: AssembledFabric;
  readonly clients: Clients;
  readonly ledger: Ledger;
  readonly levels: ServiceLevels;
  /** Engines of the venue; without one nothing is held. */
  readonly parts: readonly unknown[];
  readonly venueReports: VenueReports | undefined;
  readonly served: ServedUsers | undefined;
}

/** Channels of the clients, the ledger, the service levels, every component and every call. */
export function recordedChannels({
  scenario,
  fabric,
  clients,
  ledger,
  levels,
  parts,
  venueReports,
  served,
}: RecordedParts): readonly RecordedChannel[] {
  const reports = venueReports?.reports;
  return [
    count("requests", "requests", () => fabric.requests.count),
    count("attempts", "attempts", () => clients.attemptCount),
    ...(scenario.workload.client.connection === undefined
      ? []
      : [level("connected users", "users", () => clients.connectedCount)]),
    ...(served === undefined
      ? []
      : [level("users not served", "users", () => served.unservedCount)]),
    count("durable commands", "commands", () => ledger.historyLength),
    count("trades", "trades", () => ledger.tradeCount),
    ...(parts.length === 0
      ? []
      : [
          level("held orders", "orders", () => ledger.heldOrders),
          level("held value", "ticks x lots", () => ledger.heldValue),
        ]),
    ...(reports === undefined
      ? []
      : [
          level("sessions with a gap", "sessions", () => reports.withGap),
          count("reports sent again", "reports", () => reports.resentCount),
        ]),
    ...levels.objectives.flatMap((objective, at) => [
      count(`${objective.function} good`, "outcomes", () => levels.goodCount(at)),
      count(`${objective.function} bad`, "outcomes", () => levels.badCount(at)),
    ]),
    ...fabric.components.flatMap((component) =>
      component.channels().map((channel) => ({ component: component.id, channel })),
    ),
    ...fabric.sites.filter(isCall).map((site) => ({
      component: fabric.components[site.component]!.id,
      channel: cellChannel(`calls ${site.path}`, "calls", "count", {
        values: fabric.calls.siteCalls,
        at: site.index,
      }),
    })),
  ];
}

function count(name: string, unit: string, read: () => number): RecordedChannel {
  return { component: "", channel: countChannel(name, unit, read) };
}

function level(name: string, unit: string, read: () => number): RecordedChannel {
  return { component: "", channel: levelChannel(name, unit, read) };
}
