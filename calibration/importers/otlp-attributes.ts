/** OpenTelemetry's attributes: lists of keys with values that say their type. */
import { isRecord, listOf, textOf } from "./imported.ts";

/** Key-value lists as an object; nested lists too. */
export function attributesOf(list: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    listOf(list)
      .filter(isRecord)
      .map((each) => [textOf(each["key"]), attributeValue(each["value"])]),
  );
}

function attributeValue(value: unknown): unknown {
  if (!isRecord(value)) return undefined;
  if (isRecord(value["kvlistValue"])) return attributesOf(value["kvlistValue"]["values"]);
  return value["stringValue"] ?? value["intValue"] ?? value["doubleValue"] ?? value["boolValue"];
}
