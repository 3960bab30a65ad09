/** The page's worker: opens recordings and runs scenarios. Engine and schemas are loaded only when they are asked for. */
import * as Comlink from "comlink";
import { TwinError } from "../../../sim/errors/twin-error.ts";
import { decodeRecording } from "../../../sim/twin/recording/recording-file.ts";
import { bytesOf } from "./inflate.ts";
import type { Outcome, SimulationApi, ToldMistake } from "./messages.ts";

/** What a recording as JSON begins with. */
const openingBrace = "{".charCodeAt(0);

const api: SimulationApi = {
  async open(bytes, name) {
    const outcome = await outcomeOf(async () => {
      const content = await bytesOf(bytes, name);
      if (content[0] !== openingBrace) return decodeRecording(content, name);
      const { recordingOfJson } = await import("../../../sim/twin/recording/export/json.ts");
      return recordingOfJson(new TextDecoder().decode(content), name);
    });
    if (!outcome.ok) return outcome;
    const buffers = outcome.value.frames.map(({ buffer }) => buffer as ArrayBuffer);
    return Comlink.transfer(outcome, buffers);
  },
  async check(text, fileName) {
    const { scenarioOfText } = await import("./library.ts");
    return outcomeOf(async () => ({
      title: (await scenarioOfText(text, fileName)).scenario.title,
    }));
  },
  async run(request, listener) {
    return outcomeOf(async () => {
      const { runLive } = await import("./live-runs.ts");
      return runLive(request, listener);
    });
  },
  cancel() {
    void import("./live-runs.ts").then(({ cancelLive }) => cancelLive());
  },
};

/** Mistakes of the input are answers; bugs of ours travel on as what they are. */
async function outcomeOf<Value>(make: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { ok: true, value: await make() };
  } catch (error) {
    if (!(error instanceof TwinError)) throw error;
    return { ok: false, mistakes: error.mistakes.map(toldMistake) };
  }
}

function toldMistake(mistake: TwinError["mistakes"][number]): ToldMistake {
  const { code, problem, remedy, at } = mistake;
  return { code, problem, remedy, at: at ?? "" };
}

Comlink.expose(api);
