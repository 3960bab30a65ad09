import { expect, test } from "vitest";
import { createAurora } from "../../components/aurora/aurora.ts";
import { createElastiCache } from "../../components/elasticache/elasticache.ts";
import { plainService, TestBed } from "../../components/fabric/test-bed.ts";
import { faultControls } from "./fault-controls.ts";

function platform(): TestBed {
  return new TestBed({
    factories: [
      plainService({ id: "front", zones: ["c", "a", "b"] }),
      {
        id: "database",
        create: (fabric, index) =>
          createAurora(fabric, index, {
            service: "aurora",
            id: "database",
            instanceClass: "db.r6g.large",
            writerZone: "a",
            readerZones: ["b", "c"],
          }),
      },
      {
        id: "cache",
        create: (fabric, index) =>
          createElastiCache(
            fabric,
            index,
            {
              service: "elasticache",
              id: "cache",
              zones: ["b", "a"],
              nodeType: "cache.r6g.large",
            },
            { userCount: 10, symbolCount: 2 },
          ),
      },
    ],
  });
}

function zonesOf(bed: TestBed, component: string, role?: string): string[] {
  const { instances, zones } = bed.fabric;
  return controlsOf(bed)
    .instancesOf(component, role)
    .map((slot) => zones.zones[instances.column.zone[slot]!]!.id);
}

/** Controls of a platform without clients. */
function controlsOf(bed: TestBed) {
  const unused = () => {
    throw new Error("no fault here changes what clients do");
  };
  const clients = {
    setLoadFactor: unused,
    setHotSymbol: unused,
    setBuyShare: unused,
    setPriceSteps: unused,
    setRetries: unused,
    dropConnections: unused,
  };
  return faultControls(bed.fabric, clients, { retriesMax: 0, backoffMs: 0 }, []);
}

test("roles are found where the component has them at that instant", () => {
  const bed = platform();
  expect(zonesOf(bed, "database", "writer")).toEqual(["a"]);
  expect(zonesOf(bed, "database", "reader")).toEqual(["b", "c"]);
  expect(zonesOf(bed, "cache", "primary")).toEqual(["b"]);
  expect(zonesOf(bed, "cache", "replica")).toEqual(["a"]);

  bed.fail(controlsOf(bed).instancesOf("database", "writer")[0]!, "crash");
  bed.runSeconds(120);
  expect(zonesOf(bed, "database", "writer")).not.toEqual(["a"]);
});

test("instances that do not run are not found", () => {
  const bed = platform();
  bed.losePower("a");
  expect(zonesOf(bed, "front")).toEqual(["c", "b"]);
});

test("a role that a component does not know is refused with those that it does", () => {
  const bed = platform();
  expect(() => zonesOf(bed, "database", "leader")).toThrow(/no instances with the role "leader"/);
  expect(() => zonesOf(bed, "front", "leader")).toThrow(/no instances with the role "leader"/);
});
