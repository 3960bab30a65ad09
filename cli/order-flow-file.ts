/** Order files that a run can replay. */
import { basename } from "node:path";
import { MistakeList, TwinError } from "../sim/errors/twin-error.ts";
import { lobsterOrderFlow } from "../sim/twin/clients/lobster-order-flow.ts";
import type { OrderFlow } from "../sim/twin/clients/order-flow.ts";
import { orderFileForm } from "./order-file-form.ts";
import { readTextInput } from "./read-input.ts";

/** Reads a LOBSTER message file; throws all its mistakes at once. */
export function loadOrderFlow(path: string): OrderFlow {
  const text = readTextInput(path);
  const form = orderFileForm(text);
  if (form !== "lobster-messages") {
    throw new TwinError({
      code: "orders.form",
      problem: `A run replays LOBSTER message files, and this looks like ${form}`,
      remedy: "Give a LOBSTER message file; `stormbell engine replay` reads the other forms",
      at: path,
    });
  }
  const { orderFlow, mistakes } = lobsterOrderFlow(text, basename(path));
  const list = new MistakeList();
  for (const { code, line, problem, remedy } of mistakes) {
    list.add({ code, problem, remedy, at: `${path}:${line}` });
  }
  list.throwIfAny(path);
  return orderFlow;
}
