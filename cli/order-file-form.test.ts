import { expect, test } from "vitest";
import { orderFileForm } from "./order-file-form.ts";

test.each([
  ["lobster-messages", "34200.004241176,1,16113575,18,5853300,1\n34201,7,0,0,-1,-1\n"],
  ["lobster-books", "5859400,200,5853300,18\n9999999999,0,-9999999999,0\n"],
  ["lobster-messages", "34200.004241176, 1, 16113575, 18, 5853300, 1\n"],
  ["lobster-books", "5859400, 200, 5853300, 18\n"],
  ["flow", "N,19022,1,33356,20,0\nM,19022,33356,21\nC,19022"],
  ["bitstamp", '1430438404518 order_created {"price": "236.47"}\r\n'],
  ["neutral", '\n{ "ops": [\n] }'],
  ["neutral", "[]"],
  ["unknown", "Dear all,\nplease find the orders below.\n"],
  ["unknown", ""],
])("%s is known by its lines", (form, text) => {
  expect(orderFileForm(text)).toBe(form);
});

test("a damaged first line does not hide the form of the others", () => {
  expect(orderFileForm("oops\nN,1,0,5,5,0\nC,1\n")).toBe("flow");
});
