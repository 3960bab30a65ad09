/** The two forms of `stormbell fit demand`, told apart by their options. */
import type { FitReport } from "../calibration/fit-report.ts";
import { type ClassFile, fitDemandFiles } from "../calibration/fits/fit-demand-files.ts";
import { fitDriverDemandFile } from "../calibration/fits/fit-driver-demand-file.ts";
import { TwinError } from "../sim/errors/twin-error.ts";

export interface DemandFlags {
  readonly util?: string;
  readonly rt: readonly ClassFile[];
  readonly predictRt: readonly ClassFile[];
  readonly predictUtil?: string;
  readonly y?: string;
  readonly x?: readonly string[];
  readonly predict?: string;
  readonly value?: string;
  readonly cores: number;
  readonly utilStamp?: "start" | "end";
  readonly holdout: number;
  readonly seed: string;
  readonly json?: true;
}

export function demandReport(flags: DemandFlags): Promise<FitReport> {
  if (flags.util === undefined)
    throw usage("There is no --util", "Give the file of utilisation with --util FILE");
  const shared = { holdout: flags.holdout, seed: flags.seed };
  if (flags.y !== undefined || flags.x !== undefined) {
    if (flags.y === undefined || flags.x === undefined) {
      throw usage(
        "--y and --x come together",
        "Give the busy time with --y and its drivers with --x",
      );
    }
    return fitDriverDemandFile({
      file: flags.util,
      busy: flags.y,
      drivers: flags.x,
      ...(flags.predict === undefined ? {} : { predict: flags.predict }),
      ...shared,
    });
  }
  if (flags.rt.length === 0) {
    throw usage(
      "Utilisation alone says nothing of requests",
      "Give requests with --rt CLASS=FILE, or columns of the table with --y and --x",
    );
  }
  const hasPrediction = flags.predictUtil !== undefined || flags.predictRt.length > 0;
  if (hasPrediction && (flags.predictUtil === undefined || flags.predictRt.length === 0)) {
    throw usage("--predict-rt and --predict-util come together", "Give both, or neither");
  }
  return fitDemandFiles({
    requests: flags.rt,
    utilisation: flags.util,
    ...(flags.predictUtil === undefined
      ? {}
      : { predict: { requests: flags.predictRt, utilisation: flags.predictUtil } }),
    cores: flags.cores,
    ...(flags.value === undefined ? {} : { value: flags.value }),
    ...(flags.utilStamp === undefined ? {} : { utilStamp: flags.utilStamp }),
    ...shared,
  });
}

function usage(problem: string, remedy: string): TwinError {
  return new TwinError({ code: "fit.demand-options", problem, remedy, at: "fit demand" });
}
