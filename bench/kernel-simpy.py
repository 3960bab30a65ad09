"""The peer of bench/kernel.ts in Python: `kernel-simpy.py CUSTOMERS` runs M/M/1 at load 0.9 on SimPy 3 or later."""

import random
import sys
import time

import simpy

customers = int(sys.argv[1])
random.seed(1)
environment = simpy.Environment()
desk = simpy.Resource(environment, capacity=1)
waits = []


def customer():
    asked = environment.now
    with desk.request() as request:
        yield request
        waits.append(environment.now - asked)
        yield environment.timeout(random.expovariate(1 / 900))


def source():
    for _ in range(customers):
        environment.process(customer())
        yield environment.timeout(random.expovariate(1 / 1000))


environment.process(source())
before = time.process_time()
environment.run()
rate = customers * 2 / (time.process_time() - before) / 1e6
print(rate, sum(waits) / len(waits) / 900)
