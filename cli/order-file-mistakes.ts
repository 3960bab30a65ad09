/** Every malformed line of an order file, of whatever form. */
import { parseBitstampLog } from "../sim/engine/replay/bitstamp-text.ts";
import { parseCommandFile } from "../sim/engine/replay/command-document.ts";
import { parseFlow } from "../sim/engine/replay/flow-text.ts";
import { parseLobsterBooks, parseLobsterMessages } from "../sim/engine/replay/lobster-text.ts";
import type { LineMistake } from "../sim/engine/replay/mistake.ts";
import type { Mistake } from "../sim/errors/twin-error.ts";
import { type OrderFileForm, orderFileForm } from "./order-file-form.ts";

export interface OrderFileCheck {
  readonly kind: OrderFileForm;
  readonly mistakes: readonly Mistake[];
}

type Parse = (text: string) => { readonly mistakes: readonly LineMistake[] };

const parseByForm: Readonly<Record<OrderFileForm, Parse>> = {
  "lobster-messages": parseLobsterMessages,
  "lobster-books": parseLobsterBooks,
  flow: parseFlow,
  neutral: parseCommandFile,
  bitstamp: parseBitstampLog,
  unknown: () => ({ mistakes: [unknownForm] }),
};

const unknownForm: LineMistake = {
  code: "orders.form",
  line: 1,
  problem: "The file is in no form that stormbell knows",
  remedy:
    "Give LOBSTER messages or books, the flow form (N, C, M lines), a command document as JSON, a Bitstamp log, or a scenario or topology as .yaml",
};

export function orderFileMistakes(text: string, file: string): OrderFileCheck {
  const kind = orderFileForm(text);
  const { mistakes } = parseByForm[kind](text);
  return {
    kind,
    mistakes: mistakes.map((mistake) => ({
      ...mistake,
      at: `${file}:${mistake.line}:1`,
      column: 1,
    })),
  };
}
