/** Which kind of request a path of an access log is: by the words of the path and the method, or as the user says. */
import type { RequestName } from "../../../sim/twin/topology-types.ts";

/** A line under `requests` of a mapping: `POST /v1/orders`, with `*` for what changes from request to request. */
export interface NamedPath {
  readonly path: string;
  readonly request: RequestName;
}

export const requestNames: readonly RequestName[] = [
  "place",
  "cancel",
  "amend",
  "query-book",
  "order-status",
  "log-in",
];

/** `POST https://orders.example:443/v1/order/4711?x=1` as `POST /v1/order/*`. */
export function pathOf(method: string, url: string): string {
  const path = url.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[?#].*$/, "") || "/";
  const parts = path.split("/").map((part) => (isIdentifier(part) ? "*" : part));
  return `${method.toUpperCase()} ${parts.join("/")}`;
}

/** Digits, or a long word of digits and letters: an order, a user, a symbol's number; but not a version. */
function isIdentifier(part: string): boolean {
  if (/^v\d+$/i.test(part)) return false;
  return /^\d+$/.test(part) || (/\d/.test(part) && /^[0-9a-z_-]{6,}$/i.test(part));
}

/** `undefined` for a path whose words and method leave it open. */
export function requestKind(path: string, named: readonly NamedPath[]): RequestName | undefined {
  const given = named.find((each) => each.path === path);
  if (given !== undefined) return given.request;
  const [method = "", rest = ""] = path.split(" ");
  const words = new Set(
    rest
      .replaceAll(/([a-z])([A-Z])/g, "$1-$2")
      .toLowerCase()
      .split(/[^a-z]+/),
  );
  const has = (...any: readonly string[]) => any.some((word) => words.has(word));
  if (has("login", "signin", "sessions", "session", "token", "auth", "authenticate"))
    return "log-in";
  if (has("log", "sign") && has("in")) return "log-in";
  if (has("cancel", "cancels")) return "cancel";
  if (has("amend", "replace", "modify")) return "amend";
  if (has("book", "books", "depth", "quote", "quotes", "ticker", "market")) return "query-book";
  if (has("place")) return "place";
  if (!has("order", "orders", "status")) return undefined;
  return orderKinds[method];
}

const orderKinds: Readonly<Record<string, RequestName>> = {
  POST: "place",
  PUT: "amend",
  PATCH: "amend",
  DELETE: "cancel",
  GET: "order-status",
  HEAD: "order-status",
};
