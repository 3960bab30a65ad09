/** Files that leave the page. The recording's forms are the command line's; the pictures are drawn here. */
import {
  type ExportForm,
  exportFileName,
  exportForms,
} from "../../sim/twin/recording/export/recording-exports.ts";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import { pictureSvg } from "./picture-svg.ts";
import type { RecordingView } from "./playback/recording-view.ts";
import { clockText } from "./playback/times.ts";
import * as state from "./state.ts";

/** Saves a file and returns its name. */
export async function exportAs(
  form: ExportForm | "svg" | "png",
  view: RecordingView,
): Promise<string> {
  const { scenario, seed } = view.head;
  const instant = clockText(state.instantUs.value, 0).replace(/:/g, "");
  const pictureName = `${scenario.id}-${seed}-${instant}`;
  if (form === "svg") {
    return save(`${pictureName}.svg`, new Blob([pictureSvg(view)], { type: "image/svg+xml" }));
  }
  if (form === "png") return save(`${pictureName}.png`, await pngOf(pictureSvg(view)));
  const recording = { head: view.head, frames: view.frames } as Recording;
  const { type, textOf } = exportForms[form];
  return save(exportFileName(recording, form), new Blob([textOf(recording)], { type }));
}

function save(name: string, blob: Blob): string {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return name;
}

const pixelScale = 2;

async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * pixelScale;
  canvas.height = image.height * pixelScale;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error("the picture could not be encoded"));
      else resolve(blob);
    }, "image/png");
  });
}
