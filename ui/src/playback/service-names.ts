/** What AWS calls each kind of component. */
const names: Readonly<Record<string, string>> = {
  "api-gateway": "Amazon API Gateway",
  "application-auto-scaling": "Application Auto Scaling",
  aurora: "Amazon Aurora",
  "aurora-limitless": "Amazon Aurora Limitless",
  cloudfront: "Amazon CloudFront",
  cloudwatch: "Amazon CloudWatch",
  dms: "AWS DMS, change data capture",
  dynamodb: "Amazon DynamoDB",
  "ec2-capacity-provider": "EC2 hosts, ECS capacity provider",
  "ecs-fargate": "Amazon ECS",
  elasticache: "Amazon ElastiCache",
  eventbridge: "Amazon EventBridge",
  journal: "write-ahead journal",
  kinesis: "Amazon Kinesis",
  lambda: "AWS Lambda",
  "load-balancer": "Elastic Load Balancing",
  "matching-service": "matching engine on Amazon ECS",
  msk: "Amazon MSK",
  "rds-proxy": "Amazon RDS Proxy",
  route53: "Amazon Route 53",
  s3: "Amazon S3",
  "sqs-fifo": "Amazon SQS, FIFO queue",
  waf: "AWS WAF",
};

export function serviceName(service: string): string {
  return names[service] ?? service;
}
