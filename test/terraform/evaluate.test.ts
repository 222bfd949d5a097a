import { createHash } from "node:crypto";
import { EvaluationError, evaluateTemplate, type Value } from "../../src/terraform/evaluate";

const values: Record<string, Value> = {
  "var.text": "value",
  "var.number": 5,
  "var.flag": true,
  "var.list": ["a", "b"],
  "config.map.data": { b: "<&>", a: 1 },
  "config.map.list.0": "first",
};

const evaluate = (template: string) =>
  evaluateTemplate(template, (path) => values[path.join(".")] ?? null);

test.each<[string, Value]>([
  ["", ""],
  ["plain", "plain"],
  ["$${HOME} %%{x}", "${HOME} %{x}"],
  ["${var.text}", "value"],
  ["${ var.text }", "value"],
  ["${var.number}", 5],
  ["${var.flag}", true],
  ["a-${var.text}-${var.number}", "a-value-5"],
  ["${config.map.list[0]}", "first"],
  ['${jsonencode("a\\"\\n\\\\b")}', '"a\\"\\n\\\\b"'],
  ['${jsonencode("\\u00e9")}', '"é"'],
  ["${jsonencode(config.map.data)}", '{"a":1,"b":"\\u003c\\u0026\\u003e"}'],
  ["${jsonencode([1, true, null])}", "[1,true,null]"],
  ['${join("-", ["a", var.text, "$${x}"])}', "a-value-${x}"],
  ['${join(", ", var.list)}', "a, b"],
  ['${base64decode("aGk=")}', "hi"],
  ['${sha256("x")}', createHash("sha256").update("x").digest("hex")],
  [
    '${sha256(jsonencode("a-${var.text}"))}',
    createHash("sha256").update('"a-value"').digest("hex"),
  ],
])("%j comes to %j", (template, expected) => {
  expect(evaluate(template)).toEqual(expected);
});

test.each([
  ["%{ if true }", "a template directive"],
  ["${var.a + 1}", "an operator"],
  ["${-var.a}", "an operator"],
  ["${var.a ? 1 : 2}", "an operator"],
  ["${var.a[*].b}", "an operator"],
  ["${var.a.*}", "a splat"],
  ["${var.text", "an operator"],
  ['${jsonencode("', "an unfinished expression"],
  ['${jsonencode("\\q")}', "an escape sequence"],
  ["a${var.list}", "a list or an object inside a text"],
  [
    '${upper("x")}',
    "the function upper is none of jsonencode, join, replace, base64decode, sha256",
  ],
])("%j is refused: %s", (template, message) => {
  expect(() => evaluate(template)).toThrow(EvaluationError);
  expect(() => evaluate(template)).toThrow(message);
});
