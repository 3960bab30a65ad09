/** Tells the form of a file by its first text. */
import { readText } from "../files/read-text.ts";
import { isAccessLog } from "./access-log.ts";
import { isOtlpBinary } from "./otlp-binary.ts";

/** The first part of a file, enough to know its form. */
export async function headOf(file: string): Promise<string> {
  let head = "";
  for await (const piece of readText(file)) {
    head += piece;
    if (head.length >= 4096) break;
  }
  return head.replace(/^\uFEFF/, "").slice(0, 65_536);
}

/** Whether a file is neither JSON nor a log, nor a binary stream: then it is read as CSV. */
export async function looksLikeTable(file: string): Promise<boolean> {
  if (await isOtlpBinary(file)) return false;
  const head = (await headOf(file)).trimStart();
  if (head.startsWith("{") || head.startsWith("[")) return false;
  return !isAccessLog(head.split("\n").slice(0, 20));
}
