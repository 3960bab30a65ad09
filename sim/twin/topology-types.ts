import type { ApiGatewaySpec } from "../components/api-gateway/api-gateway-spec.ts";
import type { AutoScalingSpec } from "../components/application-auto-scaling/application-auto-scaling-spec.ts";
import type { AuroraSpec } from "../components/aurora/aurora-spec.ts";
import type { AuroraLimitlessSpec } from "../components/aurora-limitless/aurora-limitless-spec.ts";
import type { CloudFrontSpec } from "../components/cloudfront/cloudfront-spec.ts";
import type { CloudWatchSpec } from "../components/cloudwatch/cloudwatch-spec.ts";
import type { DmsSpec } from "../components/dms/dms-spec.ts";
import type { DynamoDbSpec } from "../components/dynamodb/dynamodb-spec.ts";
import type { Ec2CapacityProviderSpec } from "../components/ec2-capacity-provider/ec2-capacity-provider-spec.ts";
import type { EcsFargateSpec } from "../components/ecs-fargate/ecs-fargate-spec.ts";
import type { ElastiCacheSpec } from "../components/elasticache/elasticache-spec.ts";
import type { EventBridgeSpec } from "../components/eventbridge/eventbridge-spec.ts";
import type { CallSpec } from "../components/fabric/call-sites.ts";
import type { JournalSpec } from "../components/journal/journal-spec.ts";
import type { KinesisSpec } from "../components/kinesis/kinesis-spec.ts";
import type { LambdaSpec } from "../components/lambda/lambda-spec.ts";
import type { LoadBalancerSpec } from "../components/load-balancer/load-balancer-spec.ts";
import type { MatchingServiceSpec } from "../components/matching-service/matching-service-spec.ts";
import type { MskSpec } from "../components/msk/msk-spec.ts";
import type { RdsProxySpec } from "../components/rds-proxy/rds-proxy-spec.ts";
import type { Route53Spec } from "../components/route53/route53-spec.ts";
import type { S3Spec } from "../components/s3/s3-spec.ts";
import type { SqsFifoSpec } from "../components/sqs-fifo/sqs-fifo-spec.ts";
import type { WafSpec } from "../components/waf/waf-spec.ts";

/** One component of a platform; `service` says which. */
export type ComponentSpec =
  | ApiGatewaySpec
  | AuroraLimitlessSpec
  | AuroraSpec
  | AutoScalingSpec
  | CloudFrontSpec
  | CloudWatchSpec
  | DmsSpec
  | DynamoDbSpec
  | Ec2CapacityProviderSpec
  | EcsFargateSpec
  | ElastiCacheSpec
  | EventBridgeSpec
  | JournalSpec
  | KinesisSpec
  | LambdaSpec
  | LoadBalancerSpec
  | MatchingServiceSpec
  | MskSpec
  | RdsProxySpec
  | Route53Spec
  | S3Spec
  | SqsFifoSpec
  | WafSpec;

/** What kinds of request a flow can serve; the workload's mix is made of them. */
export type RequestName = "place" | "cancel" | "amend" | "query-book" | "order-status" | "log-in";

/** A duty of the platform to its users, with recovery objectives of its own. */
export type BusinessFunction = "order-entry" | "matching" | "market-data" | "log-in";

/** The declared path of one kind of request. */
export interface FlowSpec {
  /** Kebab-case, unique. */
  readonly id: string;
  /** Requests that take this path. */
  readonly requests: readonly RequestName[];
  /** Business function that its success counts for. */
  readonly function: BusinessFunction;
  /** What the client calls; everything else is beneath it. */
  readonly call: CallSpec;
}

/** Calls a component makes on its own account (polling, persisting, publishing), by the names it asks for. */
export interface ActorCallsSpec {
  readonly component: string;
  readonly calls: Readonly<Record<string, CallSpec>>;
}

export interface ZoneSpec {
  readonly id: string;
}

export interface RegionSpec {
  readonly id: string;
  /** Part of clients and symbols that is at home here, relative to other regions; all alike when left out. */
  readonly share?: number;
  readonly zones: readonly ZoneSpec[];
}

/** Where an order counts as accepted: when the queue has it, or when the matching journal has it on durable storage. */
export type AcceptancePoint = "queue" | "journal";

/** Links between places, in milliseconds of round trip. Left out: the facts catalogue's figures. */
export interface NetworkSpec {
  readonly clientRttMs?: number;
  readonly interZoneRttMs?: number;
  readonly sameZoneRttMs?: number;
}

/** A platform: places, components, and the paths of requests through them. */
export interface Topology {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly regions: readonly RegionSpec[];
  readonly network?: NetworkSpec;
  readonly acceptance: AcceptancePoint;
  readonly components: readonly ComponentSpec[];
  readonly flows: readonly FlowSpec[];
  readonly actorCalls: readonly ActorCallsSpec[];
}
