/** Trees of calls after a component is gone or another has taken its place. */
import type { FlowSpec } from "../sim/twin/topology-types.ts";

type CallSpec = FlowSpec["call"];

/** The call with every call of one component sent to another. */
export function redirected(call: CallSpec, from: string, to: string): CallSpec {
  const inner = (each: CallSpec) => redirected(each, from, to);
  return {
    ...call,
    to: call.to === from ? to : call.to,
    ...(call.calls === undefined ? {} : { calls: call.calls.map(inner) }),
    ...(call.fallback === undefined ? {} : { fallback: inner(call.fallback) }),
    ...(call.followedBy === undefined ? {} : { followedBy: call.followedBy.map(inner) }),
  };
}

/** What is called when a component is gone: the fallback where there was one, otherwise what it called itself. */
export function withoutCallee(call: CallSpec, gone: string): readonly CallSpec[] {
  const inner = (each: CallSpec) => withoutCallee(each, gone);
  if (call.to === gone) {
    return call.fallback === undefined ? (call.calls ?? []).flatMap(inner) : inner(call.fallback);
  }
  const { calls, fallback, followedBy, ...rest } = call;
  const [instead, ...others] = fallback === undefined ? [] : inner(fallback);
  const beneath = calls?.flatMap(inner);
  const after = [...others, ...(followedBy?.flatMap(inner) ?? [])];
  return [
    {
      ...rest,
      ...(beneath === undefined ? {} : { calls: beneath }),
      ...(instead === undefined ? {} : { fallback: instead }),
      ...(after.length === 0 ? {} : { followedBy: after }),
    },
  ];
}
