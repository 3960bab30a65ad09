import { expect, test } from "vitest";
import { decisionTree, type TreeStep, treeText } from "./decision-tree.ts";
import { exactFigure } from "./figures.ts";

function step(id: string, carries: number, bottleneck = "", isOpen = false): TreeStep {
  const ratePerSecond = exactFigure(carries, "requests/s");
  const knee = { ratePerSecond, bottleneck, lift: "twice of it", failure: [], requests: 0, isOpen };
  return { id, words: `with ${id}`, strategyPerSecond: 2000, knee };
}

test("what carries no more than the steps before it is no step, however large the strategy has it", () => {
  const tree = decisionTree([
    step("nothing", 1000, "queue"),
    step("size", 1050),
    step("more", 4000),
  ]);
  expect(tree.map(({ id, isStep }) => [id, isStep])).toEqual([
    ["nothing", true],
    ["size", false],
    ["more", true],
  ]);
  expect(treeText(tree)).toEqual([
    "Traffic > 1,000 requests/s?",
    "  No:  with nothing (above, queue: twice of it)",
    "  Yes:",
    "     Traffic > 4,000 requests/s?",
    "       No:  with more (nothing tried alone helps above)",
    "       Yes: no step that was tried carries more",
    "",
    "No step: with size. It carries 1,050 requests/s, where the strategy has it up to 2,000",
  ]);
});

test("a step that makes things worse hides nothing that comes after it", () => {
  const tree = decisionTree([step("nothing", 1000), step("worse", 400), step("more", 1200)]);
  expect(tree.map(({ isStep }) => isStep)).toEqual([true, false, true]);
});

test("a step whose load was not tried any higher says so, instead of naming a limit that nobody met", () => {
  const [first] = treeText(decisionTree([step("all", 50_000, "", true)])).slice(1);
  expect(first).toBe("  No:  with all (more was not tried)");
});
