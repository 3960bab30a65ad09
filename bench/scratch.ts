import { loadScenario } from "../cli/scenario-files.ts";
import { tuneEngine } from "../cli/tune-engine.ts";
import { Simulation } from "../sim/twin/simulation.ts";
import { withOverrides } from "../sim/twin/topology-variants.ts";
if (process.env["NOTUNE"] === undefined) tuneEngine();
const [name = "az-power-loss", warmUp = "10", measured = "20", variant = "full"] = process.argv.slice(2);
const warmUpSeconds = Number(warmUp);
const measuredSeconds = Number(measured);
const { scenario, topology } = loadScenario(name);
const t: any = structuredClone(withOverrides(topology, scenario.componentOverrides));
const skip = new Set(variant === "direct" ? ["dns", "edge", "firewall", "api"] : variant === "nodns" ? ["dns"] : variant === "nofw" ? ["firewall"] : []);
function strip(calls: any[]): any[] {
  return calls.flatMap((c: any) => {
    const d = { ...c };
    if (d.calls) d.calls = strip(d.calls);
    if (skip.has(d.to)) return d.calls ?? [];
    return [d];
  });
}
for (const f of t.flows) { const s = strip([f.call]); f.call = s[0]; }
const { kernel, fabric } = new Simulation({ scenario: { ...scenario, faults: [] }, topology: t, seed: "1" });
kernel.runUntil(warmUpSeconds * 1_000_000);
if (process.send) {
  let at = warmUpSeconds;
  process.on("message", (chunk: number) => {
    if (chunk === 0) process.exit(0);
    const r = fabric.requests.count, e = kernel.eventCount;
    at += chunk;
    const c = process.cpuUsage(); const t = performance.now();
    kernel.runUntil(at * 1_000_000);
    const w = performance.now() - t; const d = process.cpuUsage(c);
    process.send!({ n: fabric.requests.count - r, e: kernel.eventCount - e, w, c: (d.user + d.system) / 1000 });
  });
  process.send("ready");
} else {

const r0 = fabric.requests.count, e0 = kernel.eventCount;
const t0 = performance.now();
const c0 = process.cpuUsage();
kernel.runUntil((warmUpSeconds + measuredSeconds) * 1_000_000);
const c1 = process.cpuUsage(c0);
const s = (performance.now() - t0) / 1000;
const n = fabric.requests.count - r0;
const frames = (fabric.calls as any).siteCalls.reduce((a: number, b: number) => a + b, 0);
console.log(variant, (measuredSeconds / s).toFixed(2) + "x", Math.round(n / s), "rps", "cpu", ((c1.user + c1.system) / 1e6).toFixed(2), "wall", s.toFixed(2), "ev/req", ((kernel.eventCount - e0) / n).toFixed(2), "calls/req", (frames / fabric.requests.count).toFixed(2), "MB", Math.round(process.resourceUsage().maxRSS / 1000));
}
