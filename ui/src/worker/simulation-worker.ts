/** The page's worker: opens recordings and runs scenarios. Engine and schemas are loaded only when they are asked for. */
import * as Comlink from "comlink";
import { TwinError } from "../../../sim/errors/twin-error.ts";
import { fetchLateCode, inWords, withAllCode } from "./late-code.ts";
import type { Outcome, SimulationApi, ToldMistake } from "./messages.ts";

const api: SimulationApi = {
  async open(bytes, name) {
    const outcome = await outcomeOf(async () => {
      const { openRecording } = await import("./open-recording.ts");
      // What a damaged file comes to is late.
      return withAllCode(() => openRecording(bytes, name));
    });
    if (!outcome.ok) return outcome;
    const buffers = outcome.value.frames.map(({ buffer }) => buffer as ArrayBuffer);
    return Comlink.transfer(outcome, buffers);
  },
  async check(text, fileName) {
    const [{ scenarioOfText }] = await Promise.all([import("./library.ts"), fetchLateCode()]);
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
  async cancel() {
    const { cancelLive } = await import("./live-runs.ts");
    cancelLive();
  },
};

/** Mistakes of the input are answers; bugs of ours travel on as what they are. */
async function outcomeOf<Value>(make: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { ok: true, value: await make() };
  } catch (error) {
    await fetchLateCode();
    if (!(error instanceof TwinError)) throw inOwnWords(error);
    return { ok: false, mistakes: inWords(error.mistakes.map(toldMistake)) };
  }
}

/** A bug of ours, as it is told where everything is fetched at once. */
function inOwnWords(error: unknown): unknown {
  if (error instanceof Error) error.message = inWords(error.message);
  return error;
}

function toldMistake(mistake: TwinError["mistakes"][number]): ToldMistake {
  const { code, problem, remedy, at } = mistake;
  return { code, problem, remedy, at: at ?? "" };
}

Comlink.expose(api);
