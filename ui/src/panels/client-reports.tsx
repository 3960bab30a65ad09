import type { RunResults } from "../../../sim/twin/results-types.ts";
import { numberText } from "../playback/number-text.ts";
import { clockText } from "../playback/times.ts";

interface Row {
  readonly what: string;
  readonly value: string;
  readonly note?: string;
  readonly tone?: "healthy" | "degraded" | "failed";
}

function Rows(options: { label: string; rows: readonly Row[] }) {
  return (
    <dl class="fates" aria-label={options.label}>
      {options.rows.map(({ what, value, note, tone }) => (
        <div key={what} data-tone={tone}>
          <dt>{what}</dt>
          <dd>
            <b>{value}</b> <span class="muted">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Execution reports: what clients missed of what the venue told them, and how they came to know. */
export function ClientReports({ results }: { results: RunResults }) {
  const reports = results.executionReports;
  if (reports === undefined) return null;
  const { sent, missed, resent, withdrawn, stillMissing, resendRequests, resendsFailed } = reports;
  const whole =
    reports.wholeAfterSeconds === null
      ? "not every client is whole"
      : `the last client was whole ${duration(reports.wholeAfterSeconds)} after the fault`;
  return (
    <section data-reports>
      <h3>Reports to clients</h3>
      <Rows
        label="Reports to clients"
        rows={[
          { what: "sent", value: numberText(sent) },
          {
            what: "missed at first",
            value: numberText(missed),
            note:
              missed === 0
                ? ""
                : `up to ${counted(reports.sessionsWithGapMax, "client")} saw a gap`,
          },
          ...(missed === 0
            ? []
            : [
                {
                  what: "sent again",
                  value: numberText(resent),
                  note: `after ${counted(resendRequests, "request")}, ${numberText(resendsFailed)} of them failed or turned away`,
                },
                {
                  what: "never to come",
                  value: numberText(withdrawn),
                  note: "what they told of stands in no history",
                },
                {
                  what: "still missing",
                  value: numberText(stillMissing),
                  note: whole,
                  tone: stillMissing === 0 ? ("healthy" as const) : ("failed" as const),
                },
              ]),
        ]}
      />
    </section>
  );
}

const policies = {
  bust: "the venue calls them off",
  honour: "the venue re-instates what it can",
  manual: "people look at each",
} as const;

/** Trades that clients hold a report of and the venue's history does not: what was decided on them. */
export function TradeSettlement({ results }: { results: RunResults }) {
  const settlement = results.tradeSettlement;
  if (settlement === undefined || settlement.found === 0) return null;
  const { found, busted, honoured, couldNotHonour, open } = settlement;
  const worth = (notional: number) => `${numberText(notional)} ticks × lots`;
  const settled = settlement.settledAfterSeconds;
  const withPeople = settlement.policy === "manual" ? "with people" : "open";
  return (
    <section data-settlement>
      <h3>
        Trades that clients were told of and no history holds{" "}
        <span class="muted">{policies[settlement.policy]}</span>
      </h3>
      <div class="fates-bar" aria-hidden="true">
        <span data-fate="re-instated" style={`flex-grow:${honoured}`} hidden={honoured === 0} />
        <span data-fate="called-off" style={`flex-grow:${busted}`} hidden={busted === 0} />
        <span data-fate="open" style={`flex-grow:${open}`} hidden={open === 0} />
      </div>
      <Rows
        label="Lost trades"
        rows={[
          { what: "found", value: numberText(found), note: worth(settlement.foundNotional) },
          {
            what: "honoured (re-instated)",
            value: numberText(honoured),
            note: worth(settlement.honouredNotional),
          },
          {
            what: "busted (called off)",
            value: numberText(busted),
            note: `${worth(settlement.bustedNotional)}${
              couldNotHonour === 0
                ? ""
                : `; ${numberText(couldNotHonour)} because an order no longer had the quantity`
            }`,
          },
          {
            what: `still ${withPeople}`,
            value: numberText(open),
            note: settled === null ? "not settled" : `settled ${duration(settled)} after the fault`,
            tone: open === 0 ? "healthy" : "failed",
          },
          {
            what: "accounts off",
            value: numberText(settlement.accountsOff),
            note: `up to ${numberText(settlement.accountsOffMax)} believed in other positions than the venue booked`,
            tone: settlement.accountsOff === 0 ? "healthy" : "failed",
          },
        ]}
      />
    </section>
  );
}

function duration(seconds: number): string {
  return clockText(seconds * 1_000_000, 0);
}

function counted(count: number, one: string): string {
  return `${numberText(count)} ${one}${count === 1 ? "" : "s"}`;
}
