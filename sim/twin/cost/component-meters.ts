import { apiGatewayMeters } from "../../components/api-gateway/api-gateway-meters.ts";
import { auroraMeters } from "../../components/aurora/aurora-meters.ts";
import { auroraLimitlessMeters } from "../../components/aurora-limitless/aurora-limitless-meters.ts";
import { cloudFrontMeters } from "../../components/cloudfront/cloudfront-meters.ts";
import { cloudWatchMeters } from "../../components/cloudwatch/cloudwatch-meters.ts";
import { dmsMeters } from "../../components/dms/dms-meters.ts";
import { dynamoDbMeters } from "../../components/dynamodb/dynamodb-meters.ts";
import { ec2CapacityProviderMeters } from "../../components/ec2-capacity-provider/ec2-capacity-provider-meters.ts";
import { ecsFargateMeters } from "../../components/ecs-fargate/ecs-fargate-meters.ts";
import { elastiCacheMeters } from "../../components/elasticache/elasticache-meters.ts";
import { eventBridgeMeters } from "../../components/eventbridge/eventbridge-meters.ts";
import type { Meter, MeterSource } from "../../components/fabric/meter.ts";
import { journalMeters } from "../../components/journal/journal-meters.ts";
import { kinesisMeters } from "../../components/kinesis/kinesis-meters.ts";
import { lambdaMeters } from "../../components/lambda/lambda-meters.ts";
import { loadBalancerMeters } from "../../components/load-balancer/load-balancer-meters.ts";
import { matchingServiceMeters } from "../../components/matching-service/matching-service-meters.ts";
import { mskMeters } from "../../components/msk/msk-meters.ts";
import { rdsProxyMeters } from "../../components/rds-proxy/rds-proxy-meters.ts";
import { route53Meters } from "../../components/route53/route53-meters.ts";
import { s3Meters } from "../../components/s3/s3-meters.ts";
import { sqsFifoMeters } from "../../components/sqs-fifo/sqs-fifo-meters.ts";
import { wafMeters } from "../../components/waf/waf-meters.ts";
import type { ComponentSpec } from "../topology-types.ts";

type Service = ComponentSpec["service"];
type SpecOf<Name extends Service> = Extract<ComponentSpec, { readonly service: Name }>;
type MeterMakers = {
  readonly [Name in Service]?: (source: MeterSource<SpecOf<Name>>) => readonly Meter[];
};

/** What each service bills; one that is missing here is told of with the bill. */
const makers: MeterMakers = {
  "api-gateway": apiGatewayMeters,
  // Free: what it scales is billed.
  "application-auto-scaling": () => [],
  aurora: auroraMeters,
  "aurora-limitless": auroraLimitlessMeters,
  cloudfront: cloudFrontMeters,
  cloudwatch: cloudWatchMeters,
  dms: dmsMeters,
  dynamodb: dynamoDbMeters,
  "ec2-capacity-provider": ec2CapacityProviderMeters,
  "ecs-fargate": ecsFargateMeters,
  elasticache: elastiCacheMeters,
  eventbridge: eventBridgeMeters,
  journal: journalMeters,
  kinesis: kinesisMeters,
  lambda: lambdaMeters,
  "load-balancer": loadBalancerMeters,
  "matching-service": matchingServiceMeters,
  msk: mskMeters,
  "rds-proxy": rdsProxyMeters,
  route53: route53Meters,
  s3: s3Meters,
  "sqs-fifo": sqsFifoMeters,
  waf: wafMeters,
};

/** Meters of a component; `undefined` when its service has none yet, which no bill passes over in silence. */
export function componentMeters(source: MeterSource<ComponentSpec>): readonly Meter[] | undefined {
  const maker = makers[source.spec.service] as
    | ((of: MeterSource<ComponentSpec>) => readonly Meter[])
    | undefined;
  return maker?.(source);
}
