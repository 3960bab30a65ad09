import { channelOf, type Meter, type MeterSource, monthsPassed, times } from "../fabric/meter.ts";

/** The web ACL, its rules, and every request it inspects, blocked or not. */
export function wafMeters(source: MeterSource): readonly Meter[] {
  const { component, region, assume } = source;
  const months = monthsPassed(source);
  const allowed = channelOf(component, "allowed");
  const blocked = channelOf(component, "blocked");
  return [
    { price: "waf.web-acl-month", region, what: "web ACL", follows: "time", read: months },
    {
      price: "waf.rule-month",
      region,
      what: "rules",
      follows: "time",
      read: times(assume.wafRuleCount, months),
    },
    {
      price: "waf.request",
      region,
      what: "requests inspected",
      follows: "load",
      read: () => allowed() + blocked(),
    },
  ];
}
