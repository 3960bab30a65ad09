/** Recordings, as the program writes them and as JSON. */
import { decodeRecording } from "../../../sim/twin/recording/recording-file.ts";
import { bytesOf } from "./inflate.ts";
import type { OpenedRecording } from "./messages.ts";

/** What a recording as JSON begins with. */
const openingBrace = "{".charCodeAt(0);

export async function openRecording(bytes: Uint8Array, name: string): Promise<OpenedRecording> {
  const content = await bytesOf(bytes, name);
  if (content[0] !== openingBrace) return decodeRecording(content, name);
  const { recordingOfJson } = await import("../../../sim/twin/recording/export/json.ts");
  return recordingOfJson(new TextDecoder().decode(content), name);
}
