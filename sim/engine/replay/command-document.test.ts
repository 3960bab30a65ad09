import { describe, expect, test } from "vitest";
import { OrderType, Phase, Reason, Side, StpMode, TimeInForce } from "../codes.ts";
import { parseCommandFile } from "./command-document.ts";

/** The mistakes of a file as "line code problem". */
function mistakesOf(text: string): string[] {
  return parseCommandFile(text).mistakes.map((each) => `${each.line} ${each.code} ${each.problem}`);
}

/** The one operation of a file. */
function operationOf(operation: Readonly<Record<string, unknown>>) {
  const file = parseCommandFile(JSON.stringify({ ops: [operation] }));
  expect(file.mistakes).toEqual([]);
  expect(file.documents).toHaveLength(1);
  return file.documents[0]?.operations[0];
}

describe("operations", () => {
  const plain = {
    op: "new",
    id: "A",
    side: Side.buy,
    type: OrderType.limit,
    tif: TimeInForce.gtc,
    price: Number.NaN,
    qty: 5,
    expire: undefined,
    display: undefined,
    minQty: undefined,
    postOnly: undefined,
    aon: undefined,
    stopPrice: undefined,
    trail: undefined,
    acct: undefined,
    stp: StpMode.none,
    reqId: undefined,
  };

  test("what an order leaves out is limit, good till cancelled, and nothing", () => {
    expect(operationOf({ op: "new", id: "A", side: "buy", qty: 5 })).toEqual(plain);
    expect(
      operationOf({ op: "new", id: "A", side: "buy", qty: 5, price: null, acct: null, stp: null }),
    ).toEqual(plain);
  });

  test("every field of an order is read", () => {
    expect(
      operationOf({
        op: "new",
        id: 7,
        side: "sell",
        type: "trailing_stop",
        tif: "GTD",
        price: 100,
        qty: 5,
        expire: 9,
        display: 2,
        minQty: 3,
        postOnly: true,
        aon: false,
        stopPrice: 101,
        trail: 4,
        acct: "m",
        stp: "decrement",
        reqId: "r",
        comment: "ignored",
        note: 1,
        name: [],
        why: null,
      }),
    ).toEqual({
      op: "new",
      id: 7,
      side: Side.sell,
      type: OrderType.trailingStop,
      tif: TimeInForce.gtd,
      price: 100,
      qty: 5,
      expire: 9,
      display: 2,
      minQty: 3,
      postOnly: true,
      aon: false,
      stopPrice: 101,
      trail: 4,
      acct: "m",
      stp: StpMode.decrement,
      reqId: "r",
    });
  });

  test.each([
    [
      { op: "cancel", id: "A", reqId: 1 },
      { op: "cancel", id: "A", reqId: 1 },
    ],
    [
      { op: "amend", id: "A" },
      { op: "amend", id: "A", price: Number.NaN, leavesQty: undefined, reqId: undefined },
    ],
    [
      { op: "amend", id: "A", price: 3, leavesQty: 0, reqId: "x" },
      { op: "amend", id: "A", price: 3, leavesQty: 0, reqId: "x" },
    ],
    [
      { op: "massCancel" },
      { op: "massCancel", acct: undefined, reason: Reason.mass, reqId: undefined },
    ],
    [
      { op: "massCancel", acct: 3, reason: "USER", reqId: 4 },
      { op: "massCancel", acct: 3, reason: Reason.user, reqId: 4 },
    ],
    [{ op: "kill" }, { op: "kill", acct: undefined, reqId: undefined }],
    [
      { op: "kill", acct: "m", reqId: 5 },
      { op: "kill", acct: "m", reqId: 5 },
    ],
    [
      { op: "phase", phase: "pre_open", reqId: 6 },
      { op: "phase", phase: Phase.preOpen, reference: Number.NaN, reqId: 6 },
    ],
    [
      { op: "phase", phase: "cancel_only", reference: 5 },
      { op: "phase", phase: Phase.cancelOnly, reference: 5, reqId: undefined },
    ],
    [
      { op: "time", now: 5, reqId: 7 },
      { op: "time", now: 5, reqId: 7 },
    ],
    [
      { op: "endOfDay", reqId: 8 },
      { op: "endOfDay", reqId: 8 },
    ],
    [{ op: "snapshotRestore" }, { op: "snapshotRestore" }],
  ])("%j", (operation, read) => {
    expect(operationOf(operation)).toEqual(read);
  });
});

describe("documents", () => {
  test("the rules are read, and what is left out does not limit", () => {
    const config = {
      tick: 2,
      lot: 3,
      bandLow: 4,
      bandHigh: 5,
      maxQty: 6,
      maxOpen: 7,
      phase: "auction",
      last: 8,
    };
    const [document] = parseCommandFile(JSON.stringify({ config, ops: [] })).documents;
    expect(document).toEqual({ config: { ...config, phase: Phase.auction }, operations: [] });
    for (const text of [
      '{"ops":[]}',
      '{"config":null,"ops":[]}',
      '{"config":{"tick":null},"ops":[]}',
    ]) {
      const file = parseCommandFile(text);
      expect(file).toEqual({
        isList: false,
        documents: [{ config: {}, operations: [] }],
        mistakes: [],
      });
      expect(Object.keys(file.documents[0]?.config ?? {})).toEqual([]);
    }
  });

  test("an empty list is a list without documents", () => {
    expect(parseCommandFile(" [ ] ")).toEqual({ isList: true, documents: [], mistakes: [] });
  });

  test("JSON lines may come without config, with blank lines and Windows line ends", () => {
    const bare = '{"op":"endOfDay"}\r\n\r\n{"op":"kill"}\r\n';
    expect(parseCommandFile(bare).documents).toMatchObject([
      { config: {}, operations: [{ op: "endOfDay" }, { op: "kill" }] },
    ]);
    const headed = '\ufeff\n{"name":"x","config":{"lot":2}}\n{"op":"kill"}';
    expect(parseCommandFile(headed)).toMatchObject({
      isList: false,
      documents: [{ config: { lot: 2 }, operations: [{ op: "kill" }] }],
      mistakes: [],
    });
    expect(parseCommandFile('{"config":{"lot":3}}').documents).toEqual([
      { config: { lot: 3 }, operations: [] },
    ]);
  });
});

describe("mistakes", () => {
  test.each([
    ["", ["1 commands.empty The file is empty"]],
    ["\ufeff \n ", ["1 commands.empty The file is empty"]],
    ["3", ["1 commands.document A number stands where a document should"]],
    ['{"name":"x"}', ["1 commands.ops The document has no ops"]],
    ["{}\n\n", ["1 commands.ops The document has no ops"]],
    [
      "[3,\n{}]",
      [
        "1 commands.document A number stands where a document should",
        "2 commands.ops The document has no ops",
      ],
    ],
    ['{"ops":\n{}}', ["2 commands.ops ops is no list"]],
    ['{"config":5,"ops":[]}', ["1 commands.config config is no object"]],
    [
      '{"config":{"tick":0,\n"lot":-1},"ops":[]}',
      ["1 commands.config tick of config is 0", "1 commands.config lot of config is -1"],
    ],
    [
      '{"config":{"tick":"1","phase":"open"},"ops":[]}',
      [
        "1 commands.field tick of config is no number",
        '1 commands.field phase of config is "open"',
        "1 commands.config tick of config is 0",
      ],
    ],
    [
      '{"config":{"phase":3,"ticks":1},"ops":[]}',
      [
        "1 commands.field phase of config is a number",
        '1 commands.field config has the unknown key "ticks"',
      ],
    ],
    [
      '{"ops":[5,\n{}]}',
      [
        "1 commands.operation A number stands where an operation should",
        "2 commands.field the operation has no op",
      ],
    ],
    [
      '{"ops":[{"op":null},{"op":5},{"op":"eat"},{"op":"toString"}]}',
      [
        "1 commands.field the operation has no op",
        "1 commands.field op of the operation is a number",
        '1 commands.field op of the operation eat is "eat"',
        '1 commands.field op of the operation toString is "toString"',
      ],
    ],
    [
      '{"ops":[{"op":"new"}]}',
      [
        "1 commands.field the operation new has no id",
        "1 commands.field the operation new has no side",
        "1 commands.field the operation new has no qty",
      ],
    ],
    [
      '{"ops":[{"op":"new","id":true,"side":"long","qty":"5","postOnly":1,"aon":"yes"}]}',
      [
        "1 commands.field id of the operation new is no id",
        '1 commands.field side of the operation new is "long"',
        "1 commands.field qty of the operation new is no number",
        "1 commands.field postOnly of the operation new is not true or false",
        "1 commands.field aon of the operation new is not true or false",
      ],
    ],
    [
      '{"ops":[{"op":"new","id":"A","side":"buy","qty":1,"tif":"GTD"}]}',
      ["1 commands.field A GTD order has no expire"],
    ],
    [
      '{"ops":[{"op":"phase"},{"op":"time"},{"op":"cancel"},{"op":"amend"}]}',
      [
        "1 commands.field the operation phase has no phase",
        "1 commands.field the operation time has no now",
        "1 commands.field the operation cancel has no id",
        "1 commands.field the operation amend has no id",
      ],
    ],
    [
      '{"ops":[{"op":"snapshotRestore","reqId":1},{"op":"kill","account":1}]}',
      [
        '1 commands.field the operation snapshotRestore has the unknown key "reqId"',
        '1 commands.field the operation kill has the unknown key "account"',
      ],
    ],
    [
      '{"config":{}}\n[]\n{"op":"kill"\n{"op":"kill"}',
      [
        "2 commands.operation A list stands where an operation should",
        '3 commands.json This is no JSON: the end of the text stands where "}" should',
      ],
    ],
    ["nonsense", ['1 commands.json This is no JSON: "nonsense" is no value']],
    ['{"config":{}}\n{"config":{}}', ["2 commands.field the operation has no op"]],
  ])("%j", (text, mistakes) => {
    expect(mistakesOf(text)).toEqual(mistakes);
  });

  test("nothing is kept of a file that is no JSON or empty", () => {
    for (const text of ["", "nonsense"]) {
      expect(parseCommandFile(text)).toMatchObject({ isList: false, documents: [] });
    }
  });

  test("a thousand mistakes are named, not more", () => {
    const ops = Array.from({ length: 1005 }, () => "5").join(",");
    expect(parseCommandFile(`{"ops":[${ops}]}`).mistakes).toHaveLength(1000);
  });

  test("a remedy names the words that would do", () => {
    const [mistake] = parseCommandFile('{"ops":[{"op":"phase","phase":"open"}]}').mistakes;
    expect(mistake?.remedy).toBe("Write one of pre_open, auction, continuous, halted, cancel_only");
    const [unknown] = parseCommandFile('{"ops":[{"op":"kill","x":1}]}').mistakes;
    expect(unknown?.remedy).toBe("Use only op, reqId, acct");
  });
});
