import { type Discipline, noRequest, Simulation, type UseOptions } from "../../sim/kernel/index.ts";

/** Events that a model runs in all, and how many models there are. */
export const eventsInAll = 3000;

const disciplines: readonly Discipline[] = ["fcfs", "lcfs", "priority", "random", "sjf", "srpt"];

/**
 * A town of no meaning in which entities wander from one place to the next: six facilities of every discipline, with
 * shifts, breakdowns, full lines, timeouts and cancellations; a shared facility, a buffer, a store, a signal, a batch.
 * Which place comes next, and how long it takes, depends on everything before, so whatever a snapshot forgot shows.
 */
export function randomModel(modelSeed: number): Simulation {
  const simulation = new Simulation({
    seed: modelSeed,
    programVersion: "test",
    requestsMax: 256,
    pendingMax: 4096,
  });
  const chance = simulation.stream("chance");
  const people = simulation.entities(
    "people",
    { request: "float64", hops: "int32" },
    { entitiesMax: 64 },
  );
  const { column } = people;
  const draw = () => 1 + Math.floor(chance.exponential(40 + 30 * (modelSeed % 5)));

  const wander = simulation.step("wanders", (person) => {
    column.hops[person] = (column.hops[person] ?? 0) + 1;
    const place = places[chance.int(places.length)];
    const request = place?.(person) ?? noRequest;
    // The last request may have been withdrawn at any time: that its handle is stale must be known after a restore too.
    const other = chance.int(40);
    if (chance.int(10) === 0) {
      const withdrawn = simulation.cancel(column.request[other] ?? noRequest);
      if (withdrawn) simulation.after(draw(), wander, other);
    }
    column.request[person] = request;
  });
  const rest = simulation.step("rests", (person) => simulation.after(draw(), wander, person));
  const outcome = () => ({ done: wander, timedOut: rest, timeoutUs: draw() + 5 });

  const facilities = disciplines.map((discipline, i) => {
    const isOdd = (modelSeed + i) % 2 === 1;
    const facility = simulation.facility(discipline, {
      discipline,
      servers: 1 + ((modelSeed + i) % 3),
      preemptive: isOdd && (discipline === "lcfs" || discipline === "priority"),
      interrupted: isOdd ? "restart" : "resume",
      closing: i % 2 === 0 ? "interrupt" : "finish",
      lineMax: 3 + i,
      whenFull: isOdd ? "lose" : "block",
      schedule: {
        steps: [
          { atUs: 300, servers: 1 },
          { atUs: 700, servers: 2 },
        ],
        periodUs: 1000 + i,
      },
      ...(i % 3 === 0
        ? {
            breakdowns: {
              upUs: { kind: "exponential", mean: 900 },
              downUs: { kind: "exponential", mean: 90 },
            } as const,
          }
        : {}),
    });
    return (person: number) => {
      const options: UseOptions = {
        ...outcome(),
        refused: rest,
        priority: chance.int(3),
        balkAt: 2 + chance.int(6),
        timeoutUntil: chance.int(2) === 0 ? "begun" : "done",
      };
      return facility.use(person, draw(), options);
    };
  });

  const room = simulation.facility("room", {
    servers: 2,
    discipline: "random",
    breakdowns: {
      upUs: { kind: "exponential", mean: 400 },
      downUs: { kind: "exponential", mean: 40 },
    },
  });
  const thrownOut = simulation.kernel.counter("thrown out");
  const leavesRoom = simulation.step("is thrown out", () => thrownOut.add(1));
  const leaves = simulation.step("leaves the room", (person, turn) => {
    const request = column.request[person] ?? noRequest;
    if (turn !== column.hops[person] || !room.holds(request)) return;
    room.release(request);
    simulation.after(0, wander, person);
  });
  const enters = simulation.step("enters the room", (person) => {
    simulation.after(draw(), leaves, person, column.hops[person] ?? 0);
  });
  const computer = simulation.sharedFacility("computer", { servers: 2, usersMax: 9 });
  const tank = simulation.buffer("tank", { capacity: 20, initial: 5 });
  const shelf = simulation.store("shelf", { capacity: 6 });
  const atLeast = shelf.filter((item, least) => item >= least);
  const bell = simulation.signal("bell");
  const boat = simulation.batch("boat", { size: 3, waitMaxUs: 200 });
  const places: ((person: number) => number)[] = [
    ...facilities,
    (person) => room.seize(person, { ...outcome(), done: enters, interrupted: leavesRoom }),
    (person) => computer.use(person, draw(), { ...outcome(), refused: rest }),
    (person) => tank.get(person, 1 + chance.int(9), outcome()),
    (person) => tank.put(person, 1 + chance.int(9), outcome()),
    (person) => shelf.get(person, { ...outcome(), filter: atLeast, argument: chance.int(80) }),
    (person) => shelf.put(person, chance.int(100), outcome()),
    (person) => bell.wait(person, outcome()),
    (person) => {
      if (chance.int(2) === 0) bell.fireOne(person);
      else bell.fire();
      simulation.after(draw(), wander, person);
      return noRequest;
    },
    (person) => boat.join(person, outcome()),
  ];
  for (let i = 0; i < 40; i += 1) simulation.after(i, wander, people.create());
  return simulation;
}

/** Runs until so many events have happened since the beginning. */
export function runToEvent(simulation: Simulation, count: number): void {
  while (simulation.kernel.eventCount < count && simulation.kernel.step()) {
    // Everything happens in the events.
  }
}
