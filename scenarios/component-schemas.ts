/**
 * The components of a topology, one schema a service; a type test holds each equal to the component's own spec type.
 * Every component also takes the base fields.
 */
import * as z from "zod";
import { ec2CapacityProvider, ecsFargate, lambda } from "./components/compute.ts";
import {
  aurora,
  auroraLimitless,
  dms,
  dynamoDb,
  elasticache,
  rdsProxy,
  s3,
} from "./components/data-stores.ts";
import { apiGateway, cloudFront, loadBalancer, route53, waf } from "./components/front-door.ts";
import { journal, matchingService } from "./components/matching.ts";
import { eventBridge, kinesis, msk, sqsFifo } from "./components/messaging.ts";
import { autoScaling, cloudWatch } from "./components/observation.ts";

export const componentSchema = z
  .discriminatedUnion("service", [
    apiGateway,
    autoScaling,
    aurora,
    auroraLimitless,
    cloudFront,
    cloudWatch,
    dms,
    dynamoDb,
    ec2CapacityProvider,
    ecsFargate,
    elasticache,
    eventBridge,
    journal,
    kinesis,
    lambda,
    loadBalancer,
    matchingService,
    msk,
    rdsProxy,
    route53,
    s3,
    sqsFifo,
    waf,
  ])
  .meta({ id: "Component", description: "One component of a platform" });
