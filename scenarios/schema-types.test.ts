import { expectTypeOf, test } from "vitest";
import type * as z from "zod";
import type { WorkloadSpec } from "../sim/twin/clients/workload-types.ts";
import type { FaultSpec } from "../sim/twin/faults/fault-types.ts";
import type { ObjectiveSpec } from "../sim/twin/results/objective-types.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type {
  ActorCallsSpec,
  ComponentSpec,
  FlowSpec,
  NetworkSpec,
  RegionSpec,
  Topology,
} from "../sim/twin/topology-types.ts";
import type { componentSchema } from "./component-schemas.ts";
import type { faultSchema } from "./fault-schema.ts";
import type { objectiveSchema } from "./objective-schema.ts";
import type { scenarioSchema } from "./scenario-schema.ts";
import type {
  actorCallsSchema,
  callSchema,
  flowSchema,
  networkSchema,
  regionSchema,
  topologySchema,
} from "./topology-schema.ts";
import type { workloadSchema } from "./workload-schema.ts";

/**
 * Types that the schemas give, and the types that the twin takes, without regard to `readonly`. A call holds calls; the
 * compiler can't compare an endless type, so the calls inside are cut off here and compared by assignment below. Files
 * don't hold choices, which the expansion makes.
 */
type Plain<T> = T extends { readonly to: string } ? OneCall<T> : Fields<T>;
type Fields<T> = T extends object ? { -readonly [Key in keyof T]: Plain<T[Key]> } : T;
type OneCall<T> = {
  -readonly [Key in keyof T as Key extends "choose" ? never : Key]: Key extends
    | "fallback"
    | "followedBy"
    | "calls"
    ? "cut off"
    : T[Key];
};
type Endless<T> = T extends object ? { readonly [Key in keyof T]: Endless<T[Key]> } : T;
type Of<Schema extends z.ZodType> = Plain<z.output<Schema>>;

test("scenario files hold exactly what the twin takes", () => {
  expectTypeOf<Of<typeof faultSchema>>().toEqualTypeOf<Plain<FaultSpec>>();
  expectTypeOf<Of<typeof objectiveSchema>>().toEqualTypeOf<Plain<ObjectiveSpec>>();
  expectTypeOf<Of<typeof workloadSchema>>().toEqualTypeOf<Plain<WorkloadSpec>>();
  expectTypeOf<Of<typeof scenarioSchema>>().toEqualTypeOf<Plain<Scenario>>();
});

test("topology files hold exactly what the twin takes", () => {
  expectTypeOf<Of<typeof callSchema>>().toEqualTypeOf<Plain<FlowSpec["call"]>>();
  expectTypeOf<z.output<typeof callSchema>>().toExtend<FlowSpec["call"]>();
  expectTypeOf<FlowSpec["call"]>().toExtend<Endless<z.output<typeof callSchema>>>();
  expectTypeOf<Of<typeof flowSchema>>().toEqualTypeOf<Plain<FlowSpec>>();
  expectTypeOf<Of<typeof actorCallsSchema>>().toEqualTypeOf<Plain<ActorCallsSpec>>();
  expectTypeOf<Of<typeof regionSchema>>().toEqualTypeOf<Plain<RegionSpec>>();
  expectTypeOf<Of<typeof networkSchema>>().toEqualTypeOf<Plain<NetworkSpec>>();
  expectTypeOf<Of<typeof topologySchema>>().toEqualTypeOf<Plain<Topology>>();
});

type Spec<Service extends ComponentSpec["service"]> = Plain<
  Extract<ComponentSpec, { service: Service }>
>;
type Read<Service extends ComponentSpec["service"]> = Extract<
  Of<typeof componentSchema>,
  { service: Service }
>;

test("every service's component has exactly the fields of its own spec", () => {
  expectTypeOf<Of<typeof componentSchema>["service"]>().toEqualTypeOf<ComponentSpec["service"]>();
  expectTypeOf<Read<"api-gateway">>().toEqualTypeOf<Spec<"api-gateway">>();
  expectTypeOf<Read<"aurora">>().toEqualTypeOf<Spec<"aurora">>();
  expectTypeOf<Read<"cloudfront">>().toEqualTypeOf<Spec<"cloudfront">>();
  expectTypeOf<Read<"application-auto-scaling">>().toEqualTypeOf<
    Spec<"application-auto-scaling">
  >();
  expectTypeOf<Read<"cloudwatch">>().toEqualTypeOf<Spec<"cloudwatch">>();
  expectTypeOf<Read<"lambda">>().toEqualTypeOf<Spec<"lambda">>();
  expectTypeOf<Read<"rds-proxy">>().toEqualTypeOf<Spec<"rds-proxy">>();
  expectTypeOf<Read<"route53">>().toEqualTypeOf<Spec<"route53">>();
  expectTypeOf<Read<"dynamodb">>().toEqualTypeOf<Spec<"dynamodb">>();
  expectTypeOf<Read<"kinesis">>().toEqualTypeOf<Spec<"kinesis">>();
  expectTypeOf<Read<"eventbridge">>().toEqualTypeOf<Spec<"eventbridge">>();
  expectTypeOf<Read<"s3">>().toEqualTypeOf<Spec<"s3">>();
  expectTypeOf<Read<"ec2-capacity-provider">>().toEqualTypeOf<Spec<"ec2-capacity-provider">>();
  expectTypeOf<Read<"ecs-fargate">>().toEqualTypeOf<Spec<"ecs-fargate">>();
  expectTypeOf<Read<"load-balancer">>().toEqualTypeOf<Spec<"load-balancer">>();
  expectTypeOf<Read<"elasticache">>().toEqualTypeOf<Spec<"elasticache">>();
  expectTypeOf<Read<"journal">>().toEqualTypeOf<Spec<"journal">>();
  expectTypeOf<Read<"matching-service">>().toEqualTypeOf<Spec<"matching-service">>();
  expectTypeOf<Read<"msk">>().toEqualTypeOf<Spec<"msk">>();
  expectTypeOf<Read<"sqs-fifo">>().toEqualTypeOf<Spec<"sqs-fifo">>();
  expectTypeOf<Read<"waf">>().toEqualTypeOf<Spec<"waf">>();
});
