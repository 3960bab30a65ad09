import type { Recording } from "../recording-types.ts";

/**
 * Every figure of a recording in long form, by RFC 4180: `timeS,component,metric,unit,value`. A value is written only
 * where it differs from the one before, so a level stands until its next row; the last frame is always written.
 */
export function recordingCsv({ head, frames }: Recording): string {
  const lines: string[] = ["timeS,component,metric,unit,value"];
  for (let frame = 0; frame < head.frameCount; frame += 1) {
    const isLast = frame === head.frameCount - 1;
    const timeS = secondsText(frame * head.frameStepUs);
    head.channels.forEach((channel, at) => {
      const values = frames[at]!;
      if (frame > 0 && !isLast && Object.is(values[frame], values[frame - 1])) return;
      const component = field(channel.component === "" ? "run" : channel.component);
      const metric = field(channel.name);
      lines.push(`${timeS},${component},${metric},${field(channel.unit)},${values[frame]}`);
    });
  }
  lines.push("");
  return lines.join("\r\n");
}

/** Seconds with as many decimals as microseconds have, and no more than needed. */
function secondsText(atUs: number): string {
  const whole = Math.floor(atUs / 1_000_000);
  const rest = String(atUs % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return rest === "" ? String(whole) : `${whole}.${rest}`;
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
