/** The parts of a document that fit their schema, so that checks across parts need not wait for a faultless whole. */
import type * as z from "zod";

/** Each entry of a list that fits, with its place in the list. */
export function soundItems<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
): readonly { readonly index: number; readonly item: z.output<Schema> }[] {
  if (!Array.isArray(data)) return [];
  return data.flatMap((each: unknown, index) => {
    const parsed = schema.safeParse(each);
    return parsed.success ? [{ index, item: parsed.data }] : [];
  });
}

export function soundPart<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
): z.output<Schema> | undefined {
  const parsed = schema.safeParse(data);
  return parsed.success ? parsed.data : undefined;
}

/** Values of a text field of every object in a list that has it, with their places. */
export function fieldsOf(data: unknown, key: string): readonly { index: number; value: string }[] {
  if (!Array.isArray(data)) return [];
  return data.flatMap((each: unknown, index) => {
    const value = (each as Readonly<Record<string, unknown>> | null)?.[key];
    return typeof value === "string" ? [{ index, value }] : [];
  });
}
