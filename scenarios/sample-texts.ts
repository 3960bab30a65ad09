/** A topology and a scenario as texts without mistakes, for tests that put mistakes into them. */
export const sampleTopologyText = `# A small platform
id: small
title: Small platform
description: One API in front of a queue, and the engine behind it.
regions:
  - id: us-east-1
    zones:
      - id: us-east-1a
      - id: us-east-1b
acceptance: queue
components:
  - id: api
    service: api-gateway
    api: rest
    zones: [us-east-1a, us-east-1b]
  - id: order-queue
    service: sqs-fifo
    zones: [us-east-1a, us-east-1b]
  - id: journal
    service: journal
    zones: [us-east-1a]
    survivesPowerLoss: true
  - id: matching
    service: matching-service
    zones: [us-east-1a, us-east-1b]
    vcpu: 2
    memoryGb: 4
    queue: order-queue
    journal: journal
    stream: trades
    pollerCount: 4
    snapshotIntervalSeconds: 60
  - id: trades
    service: kinesis
    zones: [us-east-1a, us-east-1b]
flows:
  - id: place-order
    requests: [place, cancel]
    function: order-entry
    call:
      to: api
      timeoutMs: 3000
      calls:
        - { to: order-queue, operation: send, timeoutMs: 1000, retriesMax: 2 }
actorCalls:
  - component: matching
    calls:
      receive: { to: order-queue, operation: receive }
      append: { to: journal, operation: append }
`;

export const sampleScenarioText = `# yaml-language-server: $schema=../schema/scenario.schema.json
id: az-power-loss
title: An availability zone loses power
description: The zone of the matching engine goes dark.
topology: small
warmUpSeconds: 300
durationSeconds: 1200
workload:
  ratePerSecond: 500
  mix:
    place: 0.7
    cancel: 0.3
  userCount: 1000
  symbolCount: 50
  symbolSkew: 1
  selfExcitation: 0.4
  excitationDecaySeconds: 2
  client: { retriesMax: 2, backoffMs: 200 }
faults:
  - id: power
    kind: zone-power-loss
    atSeconds: 600
    zone: zone-of:matching
    durationSeconds: 300
    recoveryCurve:
      - { afterSeconds: 0, share: 0.5 }
      - { afterSeconds: 60, share: 1 }
objectives:
  - id: orders-served
    kind: service
    function: order-entry
    goodShareMin: 0.99
    latencyMsMax: 500
    holdSeconds: 30
  - id: orders-rto
    kind: rto
    function: order-entry
    secondsMax: 60
  - id: nothing-lost
    kind: rpo
    lostMax: 0
  - id: invariants
    kind: invariants
`;
