/** The page's worker: opens recordings and runs scenarios. Engine and schemas are loaded only when they are asked for. */
import * as Comlink from "comlink";
import { TwinError } from "../../../sim/errors/twin-error.ts";
import { decodeRecording } from "../../../sim/twin/recording/recording-file.ts";
import { bytesOf } from "./inflate.ts";
import type { Outcome, SimulationApi, ToldMistake } from "./messages.ts";

const api: SimulationApi = {
  async open(bytes, name) {
    const outcome = await outcomeOf(async () => decodeRecording(await bytesOf(bytes, name), name));
    if (!outcome.ok) return outcome;
    const buffers = outcome.value.frames.map(({ buffer }) => buffer as ArrayBuffer);
    return Comlink.transfer(outcome, buffers);
  },
  async library() {
    return (await import("./library.ts")).libraryEntries();
  },
  async exampleText(id) {
    return (await import("./library.ts")).scenarioText(id);
  },
  async check(text, fileName) {
    const { scenarioOfText } = await import("./library.ts");
    return outcomeOf(async () => ({ title: scenarioOfText(text, fileName).scenario.title }));
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
