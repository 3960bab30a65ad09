/** The part of the AWS SDK that is used, loaded only when it is asked for: it is an optional peer. */
import { TwinError } from "../../sim/errors/twin-error.ts";

export interface CloudWatchSdk {
  readonly CloudWatchClient: new (
    config: Readonly<Record<string, unknown>>,
  ) => { send(command: object): Promise<unknown>; destroy(): void };
  readonly ListMetricsCommand: new (input: object) => object;
  readonly GetMetricDataCommand: new (input: object) => object;
}

const packageName = "@aws-sdk/client-cloudwatch";

/** Throws `cloudwatch.sdk-missing`. `load` is how a module is had by its name. */
export async function loadSdk(
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<CloudWatchSdk> {
  try {
    return (await load(packageName)) as CloudWatchSdk;
  } catch (cause) {
    throw new TwinError(
      {
        code: "cloudwatch.sdk-missing",
        problem: "--from-cloudwatch needs the AWS SDK, which is not installed",
        remedy: `Run npm install ${packageName}, or export with the AWS command line and give the files with --metrics`,
      },
      { cause },
    );
  }
}
