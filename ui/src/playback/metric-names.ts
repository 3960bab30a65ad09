/** CloudWatch's names for what is recorded, where it has one. */
const names: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "sqs-fifo": {
    visible: "AWS/SQS ApproximateNumberOfMessagesVisible",
    hidden: "AWS/SQS ApproximateNumberOfMessagesNotVisible",
    "oldest age": "AWS/SQS ApproximateAgeOfOldestMessage",
    sent: "AWS/SQS NumberOfMessagesSent",
    received: "AWS/SQS NumberOfMessagesReceived",
  },
  "ecs-fargate": {
    vCPU: "AWS/ECS CPUUtilization",
    "tasks-running": "ECS/ContainerInsights RunningTaskCount",
    "tasks-wanted": "ECS/ContainerInsights DesiredTaskCount",
    "tasks-starting": "ECS/ContainerInsights PendingTaskCount",
  },
  "load-balancer": {
    "targets-healthy": "AWS/ApplicationELB HealthyHostCount",
    "targets-unhealthy": "AWS/ApplicationELB UnHealthyHostCount",
    arrived: "AWS/ApplicationELB RequestCount",
  },
  // A load balancer that keeps connections.
  "network-load-balancer": {
    "targets-healthy": "AWS/NetworkELB HealthyHostCount",
    "targets-unhealthy": "AWS/NetworkELB UnHealthyHostCount",
    "flows-active": "AWS/NetworkELB ActiveFlowCount",
    "flows-new": "AWS/NetworkELB NewFlowCount",
    "resets-by-target": "AWS/NetworkELB TCP_Target_Reset_Count",
    "resets-by-client": "AWS/NetworkELB TCP_Client_Reset_Count",
    "resets-by-balancer": "AWS/NetworkELB TCP_ELB_Reset_Count",
  },
  "api-gateway": {
    arrived: "AWS/ApiGateway Count",
    "answers-5xx": "AWS/ApiGateway 5XXError",
  },
  cloudfront: { arrived: "AWS/CloudFront Requests", "answers-5xx": "AWS/CloudFront 5xxErrorRate" },
  waf: { allowed: "AWS/WAFV2 AllowedRequests", blocked: "AWS/WAFV2 BlockedRequests" },
  elasticache: {
    hits: "AWS/ElastiCache CacheHits",
    misses: "AWS/ElastiCache CacheMisses",
    "primary's thread": "AWS/ElastiCache EngineCPUUtilization",
  },
  aurora: { "writer's vCPU": "AWS/RDS CPUUtilization" },
  dms: {
    "source latency": "AWS/DMS CDCLatencySource",
    "target latency": "AWS/DMS CDCLatencyTarget",
    "changes applied": "AWS/DMS CDCThroughputRowsTarget",
  },
  dynamodb: {
    "reads throttled": "AWS/DynamoDB ReadThrottleEvents",
    "writes throttled": "AWS/DynamoDB WriteThrottleEvents",
    "read units": "AWS/DynamoDB ConsumedReadCapacityUnits",
    "write units": "AWS/DynamoDB ConsumedWriteCapacityUnits",
  },
  "ec2-capacity-provider": {
    "hosts-wanted": "AWS/AutoScaling GroupDesiredCapacity",
    "hosts-registered": "ECS/ContainerInsights ContainerInstanceCount",
  },
  "rds-proxy": {
    "statements inside": "AWS/RDS DatabaseConnectionsCurrentlyBorrowed",
  },
  msk: {
    "under-replicated partitions": "AWS/Kafka UnderReplicatedPartitions",
    "offline partitions": "AWS/Kafka OfflinePartitionsCount",
    unread: "AWS/Kafka SumOffsetLag",
    "oldest age": "AWS/Kafka EstimatedMaxTimeLag",
  },
  eventbridge: {
    "events matched": "AWS/Events MatchedEvents",
    "attempts failed": "AWS/Events RetryInvocationAttempts",
    dropped: "AWS/Events FailedInvocations",
    "in the dead-letter queue": "AWS/Events InvocationsSentToDlq",
  },
  kinesis: {
    "records taken": "AWS/Kinesis IncomingRecords",
    "records throttled": "AWS/Kinesis WriteProvisionedThroughputExceeded",
  },
  lambda: {
    executing: "AWS/Lambda ConcurrentExecutions",
    invocations: "AWS/Lambda Invocations",
    errors: "AWS/Lambda Errors",
    throttles: "AWS/Lambda Throttles",
    "iterator age": "AWS/Lambda IteratorAge",
  },
};

export function metricName(service: string, channel: string): string | undefined {
  return names[service]?.[channel];
}
