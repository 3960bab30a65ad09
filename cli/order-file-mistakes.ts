/** Every malformed line of an order file, of whatever form. */
import type { Mistake } from "../sim/errors/twin-error.ts";
import { lobsterOrderFlow } from "../sim/twin/clients/lobster-order-flow.ts";
import { type OrderFileForm, orderFileForm } from "./order-file-form.ts";

export interface OrderFileCheck {
  readonly kind: OrderFileForm;
  readonly mistakes: readonly Mistake[];
}

export function orderFileMistakes(text: string, file: string): OrderFileCheck {
  const kind = orderFileForm(text);
  if (kind === "lobster-messages") {
    const { mistakes } = lobsterOrderFlow(text, file);
    return {
      kind,
      mistakes: mistakes.map(({ code, line, problem, remedy }) => ({
        code,
        problem,
        remedy,
        at: `${file}:${line}:1`,
        line,
        column: 1,
      })),
    };
  }
  return {
    kind,
    mistakes: [
      {
        code: "orders.form",
        problem: "The file is no order file that can be checked",
        remedy: "Give a LOBSTER message file, or a scenario or topology as .yaml",
        at: `${file}:1:1`,
      },
    ],
  };
}
