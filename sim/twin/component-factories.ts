import { createApiGateway } from "../components/api-gateway/api-gateway.ts";
import { createApplicationAutoScaling } from "../components/application-auto-scaling/application-auto-scaling.ts";
import { createAurora } from "../components/aurora/aurora.ts";
import { createAuroraLimitless } from "../components/aurora-limitless/aurora-limitless.ts";
import { createCloudFront } from "../components/cloudfront/cloudfront.ts";
import { createCloudWatch } from "../components/cloudwatch/cloudwatch.ts";
import { createDms } from "../components/dms/dms.ts";
import { createDynamoDb } from "../components/dynamodb/dynamodb.ts";
import { createEc2CapacityProvider } from "../components/ec2-capacity-provider/ec2-capacity-provider.ts";
import { createEcsFargate } from "../components/ecs-fargate/ecs-fargate.ts";
import { createElastiCache } from "../components/elasticache/elasticache.ts";
import { createEventBridge } from "../components/eventbridge/eventbridge.ts";
import type { ComponentFactory } from "../components/fabric/assemble.ts";
import type { Component } from "../components/fabric/component.ts";
import type { Fabric } from "../components/fabric/fabric.ts";
import { createJournal, type JournalObserver } from "../components/journal/journal.ts";
import { createKinesis } from "../components/kinesis/kinesis.ts";
import { createLambda } from "../components/lambda/lambda.ts";
import { createLoadBalancer } from "../components/load-balancer/load-balancer.ts";
import type { MatchingObserver } from "../components/matching-service/matching-observer.ts";
import { createMatchingService } from "../components/matching-service/matching-service.ts";
import { createMsk } from "../components/msk/msk.ts";
import { createRdsProxy } from "../components/rds-proxy/rds-proxy.ts";
import { createRoute53 } from "../components/route53/route53.ts";
import { createS3 } from "../components/s3/s3.ts";
import { createSqsFifo } from "../components/sqs-fifo/sqs-fifo.ts";
import { createWaf } from "../components/waf/waf.ts";
import { assertNever } from "../kernel/assert.ts";
import type { ComponentSpec } from "./topology-types.ts";

/** What components need to know of the workload, and who listens to them on the ledger's behalf. */
export interface FactoryContext {
  readonly userCount: number;
  readonly symbolCount: number;
  /** Listens to a journal, by its id. */
  readonly journalObserver: (journal: string) => JournalObserver;
  /** Symbols that a matching service owns, and the number of its lease, by its id. */
  readonly ownership: (matching: string) => {
    readonly symbols: readonly number[];
    readonly standbySymbols?: readonly number[];
    readonly lease: number;
  };
  /** Listens to a matching service, by its id. */
  readonly matchingObserver: (matching: string) => MatchingObserver;
  /** Region of each component, by its position; `undefined` for what is global. */
  readonly regions: readonly (string | undefined)[];
}

/** Leases there is room for in a table: one for each matching service. */
const leaseCount = 256;

/** A factory for each component that a topology declares, in its order. */
export function componentFactories(
  specs: readonly ComponentSpec[],
  context: FactoryContext,
): readonly ComponentFactory[] {
  return specs.map((spec, at) => ({
    id: spec.id,
    calling: spec.calling,
    serving: spec.serving,
    region: context.regions[at],
    create: (fabric, index) => createComponent(fabric, index, spec, context),
  }));
}

function createComponent(
  fabric: Fabric,
  index: number,
  spec: ComponentSpec,
  context: FactoryContext,
): Component {
  const { userCount, symbolCount } = context;
  switch (spec.service) {
    case "api-gateway":
      return createApiGateway(fabric, index, spec);
    case "application-auto-scaling":
      return createApplicationAutoScaling(fabric, index, spec);
    case "aurora":
      return createAurora(fabric, index, spec);
    case "aurora-limitless":
      return createAuroraLimitless(fabric, index, spec);
    case "cloudfront":
      return createCloudFront(fabric, index, spec);
    case "cloudwatch":
      return createCloudWatch(fabric, index, spec);
    case "dms":
      return createDms(fabric, index, spec);
    case "dynamodb":
      return createDynamoDb(fabric, index, spec, { userCount, leaseCount });
    case "ec2-capacity-provider":
      return createEc2CapacityProvider(fabric, index, spec);
    case "ecs-fargate":
      return createEcsFargate(fabric, index, spec);
    case "elasticache":
      return createElastiCache(fabric, index, spec, { userCount, symbolCount });
    case "eventbridge":
      return createEventBridge(fabric, index, spec, symbolCount);
    case "journal":
      return createJournal(fabric, index, spec, context.journalObserver(spec.id));
    case "kinesis":
      return createKinesis(fabric, index, spec);
    case "lambda":
      return createLambda(fabric, index, spec, { symbolCount });
    case "load-balancer":
      return createLoadBalancer(fabric, index, spec);
    case "matching-service":
      return createMatchingService(fabric, index, spec, {
        symbolCount,
        ...context.ownership(spec.id),
        observer: context.matchingObserver(spec.id),
      });
    case "msk":
      return createMsk(fabric, index, spec);
    case "rds-proxy":
      return createRdsProxy(fabric, index, spec);
    case "route53":
      return createRoute53(fabric, index, spec);
    case "s3":
      return createS3(fabric, index, spec);
    case "sqs-fifo":
      return createSqsFifo(fabric, index, spec, symbolCount);
    case "waf":
      return createWaf(fabric, index, spec);
    default:
      return assertNever(spec, "component");
  }
}
