import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { validateTopologyText } from "./validate-text.ts";

const path = "scenarios/topologies/current-warm-standby.yaml";
const text = readFileSync(path, "utf8");

test.each(["standbyFor: matching", "replicaOf: journal", "secondaryOf: database"])(
  "%s of a region that is not there is a mistake",
  (field) => {
    const wrong = text.replace(`${field}-us-east-1`, `${field}-us-east-9`);
    expect(wrong).not.toBe(text);
    const validated = validateTopologyText(wrong, path);
    const codes = validated.ok ? [] : validated.mistakes.map(({ code }) => code);
    expect(codes).toContain("topology.standby-for-nothing");
  },
);
