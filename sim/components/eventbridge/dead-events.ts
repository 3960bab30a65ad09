import type { Table } from "../../kernel/containers/table.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { DeadLetters } from "../sqs-fifo/dead-letters.ts";
import type { EventBridgeParameters } from "./eventbridge-parameters.ts";

const columns = { record: "int32", target: "int32", serial: "int32" } as const;

/**
 * Events that a bus has given up, in a dead-letter queue that a program of people's own can read: it sends each to the target that did not
 * take it, as a new event of the bus, with all its tries before it.
 */
export class DeadEvents {
  readonly letters: DeadLetters;
  readonly #rows: Table<typeof columns>;

  constructor(
    fabric: Fabric,
    options: {
      readonly component: number;
      readonly id: string;
      readonly parameters: EventBridgeParameters;
      readonly hasRoom: () => boolean;
      readonly deliver: (record: number, target: number, serial: number) => void;
    },
  ) {
    const { component, id, parameters, hasRoom, deliver } = options;
    const messagesMax = parameters.archivedMax.value;
    this.#rows = fabric.kernel.table(`${id}.dead-events`, columns, {
      rowsInitial: 64,
      rowsMax: messagesMax,
    });
    this.letters = new DeadLetters(fabric, {
      component,
      id,
      messagesMax,
      retentionSeconds: parameters.deadLetterRetentionSeconds.value,
      moveBack: (row) => {
        if (!hasRoom()) return false;
        const { record, target, serial } = this.#rows.column;
        deliver(record[row]!, target[row]!, serial[row]!);
        return true;
      },
    });
  }

  add(record: number, target: number, serial: number): void {
    const row = this.#rows.append();
    const { column } = this.#rows;
    column.record[row] = record;
    column.target[row] = target;
    column.serial[row] = serial;
    this.letters.add(row);
  }
}
