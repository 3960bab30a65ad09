import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A program in containers on Fargate: a fleet of equal tasks over several zones. */
export interface EcsFargateSpec extends ComponentSpecBase {
  readonly service: "ecs-fargate";
  /** Zone ids to spread tasks over. */
  readonly zones: readonly string[];
  /** Tasks at the start, which is also how many there should be until something scales them. */
  readonly taskCount: number;
  readonly vcpu: number;
  readonly memoryGb: number;
  /** Most requests inside one task at once, those that wait for other services included; more are refused (503). */
  readonly threadsMax: number;
  /** Load balancer that the tasks register with; left out: callers spread over the tasks by themselves. */
  readonly balancer?: string;
  /** Hosts of one's own (an ec2-capacity-provider) that the tasks are placed on; Fargate's when left out. */
  readonly capacityProvider?: string;
  readonly operations: readonly EcsOperationSpec[];
  readonly scaling?: EcsScalingSpec;
  /** Whether containers check their own health, so that a hung one is replaced without a load balancer. True when left out. */
  readonly containerHealthCheck?: boolean;
  /** Whether tasks move back when zones are out of balance. True when left out, as for new services at AWS. */
  readonly zoneRebalancing?: boolean;
}

/** What the program can be asked to do. */
export interface EcsOperationSpec {
  readonly name: string;
  /** Milliseconds of one vCPU: a fixed number, or a lognormal by its median and the sigma of its logarithm (0.5). */
  readonly cpuMs: number | { readonly median: number; readonly sigma?: number };
}

/** Target tracking on CPU, carried out by an application-auto-scaling component. */
export interface EcsScalingSpec {
  readonly targetCpuPercent: number;
  readonly taskCountMin: number;
  readonly taskCountMax: number;
}
