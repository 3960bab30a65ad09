/** Which order files of one call belong together: a LOBSTER message file and its books do, all others stand alone. */
import { basename } from "node:path";
import { type Mistake, MistakeList } from "../sim/errors/twin-error.ts";
import type { OrderFileForm } from "./order-file-form.ts";

export interface OrderFile {
  readonly path: string;
  readonly text: string;
  readonly form: OrderFileForm;
}

/** Files that are replayed together; `books` belong to the LOBSTER messages in `file`. */
export interface OrderFileGroup {
  readonly file: OrderFile;
  readonly books?: OrderFile;
}

/**
 * Groups in the order in which the files were named. Messages find their books by name (`..._message_10...` and
 * `..._orderbook_10...`); one message file and one book file are a pair whatever they are called. Throws every file that
 * cannot be replayed.
 */
export function groupOrderFiles(files: readonly OrderFile[]): readonly OrderFileGroup[] {
  const messages = files.filter(({ form }) => form === "lobster-messages");
  const books = new Set(files.filter(({ form }) => form === "lobster-books"));
  const booksOf = new Map<OrderFile, OrderFile>();
  for (const file of messages) {
    const found = [...books].find((each) => stem(each) === stem(file));
    if (found === undefined) continue;
    booksOf.set(file, found);
    books.delete(found);
  }
  const [lonely, ...others] = messages.filter((file) => !booksOf.has(file));
  const [left] = books;
  if (lonely !== undefined && others.length === 0 && left !== undefined && books.size === 1) {
    booksOf.set(lonely, left);
    books.delete(left);
  }
  const list = new MistakeList();
  for (const file of books) list.add(messagesMissing(file, messages.length));
  for (const file of files) if (file.form === "unknown") list.add(formUnknown(file));
  list.throwIfAny(files.map(({ path }) => path).join(", "));
  return files
    .filter(({ form }) => form !== "lobster-books")
    .map((file) => {
      const found = booksOf.get(file);
      return found === undefined ? { file } : { file, books: found };
    });
}

/** What the names of a pair have in common. */
function stem({ path }: OrderFile): string {
  return basename(path)
    .toLowerCase()
    .replace(/(\.gz|\.csv|\.txt)+$/, "")
    .replace(/messages?|order_?books?/, "");
}

function messagesMissing(file: OrderFile, messageFiles: number): Mistake {
  return {
    code: "replay.messages-missing",
    problem: "The file holds the books of a LOBSTER pair, and no message file belongs to it",
    remedy:
      messageFiles === 0
        ? "Give the message file of the same run beside it"
        : "Give each message file with its books, named alike: X_message_10.csv and X_orderbook_10.csv",
    at: file.path,
  };
}

function formUnknown(file: OrderFile): Mistake {
  if (file.text.trim() === "") {
    return {
      code: "replay.empty",
      problem: "The file is empty",
      remedy: "Check that it was written or fetched to its end",
      at: file.path,
    };
  }
  const first = file.text.trimStart().split("\n", 1)[0] ?? "";
  const shown = first.length > 60 ? `${first.slice(0, 60)}...` : first.trimEnd();
  return {
    code: "replay.form-unknown",
    problem: `The file is in none of the known forms of order data; it begins with ${JSON.stringify(shown)}`,
    remedy:
      "Give LOBSTER messages (and books), a flow (N,C,M lines), neutral JSON, or a Bitstamp log; `stormbell engine replay --help` shows each",
    at: file.path,
  };
}
