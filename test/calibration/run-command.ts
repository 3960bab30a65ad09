/** Commands of the command line without a process of their own, since a thousand files are tried. */
import { Command } from "commander";
import { addCalibrate } from "../../cli/commands/calibrate.ts";
import { addFit } from "../../cli/commands/fit.ts";
import { tellError } from "../../cli/tell-error.ts";

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `stormbell WORDS --json` prints, and how it ends. */
export async function runCommand(words: readonly string[]): Promise<Outcome> {
  const program = new Command("stormbell").enablePositionalOptions().exitOverride();
  addFit(program);
  addCalibrate(program);
  let stdout = "";
  const write = process.stdout.write;
  process.stdout.write = (text: string | Uint8Array) => {
    stdout += String(text);
    return true;
  };
  try {
    await program.parseAsync([...words, "--json"], { from: "user" });
    return { exitCode: 0, stdout, stderr: "" };
  } catch (error) {
    const { exitCode, lines } = tellError(error, true);
    return { exitCode, stdout, stderr: lines.join("\n") };
  } finally {
    process.stdout.write = write;
    process.exitCode = 0;
  }
}
