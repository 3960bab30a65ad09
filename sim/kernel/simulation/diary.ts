import { Simulation, type SimulationOptions } from "./simulation.ts";

/** A simulation for a test. */
export function createSimulation(options: Partial<SimulationOptions> = {}): Simulation {
  return new Simulation({ seed: 1, programVersion: "test", ...options });
}

/** What happened, such as `done 1 @30`, or `got 1=7 @30` where the step was told 7. For tests. */
export function createDiary(simulation: Simulation) {
  const lines: string[] = [];
  const step = (name: string) =>
    simulation.step(name, (entity, value) => {
      const told = value === 0 ? "" : `=${value}`;
      lines.push(`${name} ${entity}${told} @${simulation.nowUs}`);
    });
  return { lines, step };
}
