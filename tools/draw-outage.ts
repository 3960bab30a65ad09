/**
 * Draws good and bad outcomes a second of each business function from a recording, with the faults and the moments at
 * which service came back: the picture in the README. `npx tsx tools/draw-outage.ts RECORDING > docs/outage.svg`
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { decodeRecording } from "../sim/twin/recording/recording-file.ts";

const path = process.argv[2];
if (path === undefined) throw new Error("Name a recording");
const { head, frames } = decodeRecording(gunzipSync(readFileSync(path)), path);
const width = 900;
const laneHeight = 62;
const left = 110;
const top = 34;
const fromS = 340;
const toS = 700;
const functions = head.results.functions.map((each) => each.function);
const height = top + functions.length * laneHeight + 30;
const x = (second: number) => left + ((second - fromS) / (toS - fromS)) * (width - left - 16);

/** Outcomes a second, by second, from a cumulative channel. */
function perSecond(name: string): number[] {
  const at = head.channels.findIndex(
    (channel) => channel.component === "" && channel.name === name,
  );
  const counts = frames[at];
  if (counts === undefined) throw new Error(`The recording has no channel "${name}"`);
  const frame = (second: number) => Math.round((second * 1_000_000) / head.frameStepUs);
  return Array.from({ length: toS - fromS }, (_, s) => {
    const later = counts[frame(fromS + s + 1)] ?? 0;
    return later - (counts[frame(fromS + s)] ?? 0);
  });
}

const parts: string[] = [];
functions.forEach((name, lane) => {
  const good = perSecond(`${name} good`);
  const bad = perSecond(`${name} bad`);
  const most = Math.max(...good.map((value, s) => value + (bad[s] ?? 0)));
  const base = top + (lane + 1) * laneHeight - 14;
  const tall = (value: number) => (value / most) * (laneHeight - 32);
  parts.push(`<text x="${left - 10}" y="${base - 8}" text-anchor="end">${name}</text>`);
  good.forEach((value, s) => {
    const lost = bad[s] ?? 0;
    const at = x(fromS + s).toFixed(1);
    const wide = ((width - left - 16) / (toS - fromS)).toFixed(2);
    const bar = (y: number, size: number, colour: string) =>
      size < 0.05
        ? ""
        : `<rect x="${at}" y="${y.toFixed(1)}" width="${wide}" height="${size.toFixed(1)}" fill="${colour}"/>`;
    parts.push(bar(base - tall(value), tall(value), "#0072b2"));
    parts.push(bar(base - tall(value) - tall(lost), tall(lost), "#8a0f1f"));
  });
  const outage = head.results.functions[lane]?.outages[0];
  if (outage !== undefined && outage.endedUs >= 0) {
    const end = x(outage.endedUs / 1_000_000);
    parts.push(
      `<line x1="${end}" x2="${end}" y1="${base - laneHeight + 14}" y2="${base}" stroke="#14191f"/>`,
      `<text x="${end + 4}" y="${base - laneHeight + 24}">back after ${outage.seconds} s</text>`,
    );
  }
});
const fault = head.events.find((event) => event.stage === "fault");
if (fault !== undefined) {
  const at = x(fault.atUs / 1_000_000);
  parts.push(
    `<line x1="${at}" x2="${at}" y1="20" y2="${height - 26}" stroke="#8a0f1f" stroke-dasharray="3 3"/>`,
    `<text x="${at + 4}" y="26">${fault.zone} loses power</text>`,
  );
}
for (let second = Math.ceil(fromS / 60) * 60; second <= toS; second += 60) {
  parts.push(
    `<text x="${x(second)}" y="${height - 8}" text-anchor="middle">${second / 60} min</text>`,
  );
}
console.log(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#14191f"><title>Outcomes a second of each business function around the loss of a zone: good in blue, failed or late in red</title><rect width="100%" height="100%" fill="#ffffff"/>${parts.filter((part) => part !== "").join("")}</svg>`,
);
