import { Testing, Token } from "cdktf";
import { parse } from "yaml";
import { variable } from "../../src";
import {
  asText,
  checksumOf,
  expandedByReader,
  isExpression,
  jsonText,
  literal,
  literals,
  matches,
  terraformText,
  yamlText,
} from "../../src/terraform/expression";
import { evaluateTemplate, type Value } from "../../src/terraform/evaluate";
import { newApp, ownStack } from "../support/synth";

const stack = ownStack(newApp());
const text = variable(stack, "text", { type: "string" });
const number = variable(stack, "number", { type: "number" });
const list = variable(stack, "list", { type: "list(string)" });

/** What Terraform would make of an argument, with values for the variables. */
function arrives(argument: string, variables: Record<string, Value> = {}): Value {
  return evaluateTemplate(
    terraformText(stack, argument),
    ([, name]) => variables[String(name)] ?? null,
  );
}

const HOSTILE = [
  "ends in $",
  "ends in %",
  '"',
  "'",
  ": ",
  "#",
  "${HOME}",
  "%{x}",
  "$${",
  "${unclosed",
  "}",
  "\\",
  "line\nbreak",
  "no",
  "null",
  "1e3",
];

test.each([
  ["text", "plain", false],
  ["text that looks like an expression", "${var.x}", false],
  ["a variable", text.stringValue, true],
  ["a variable inside text", `a-${text.stringValue}`, true],
  ["a number variable", number.numberValue, true],
  ["a list variable", list.listValue, true],
  ["a number", 5, false],
  ["undefined", undefined, false],
])("isExpression: %s", (_, value, expected) => {
  expect(isExpression(value)).toBe(expected);
});

test.each(HOSTILE)("literal text arrives unchanged: %j", (hostile) => {
  expect(arrives(literal(hostile))).toBe(hostile);
  expect(literals({ key: hostile })).toEqual({ key: literal(hostile) });
});

test.each(HOSTILE)("literal text around an expression arrives unchanged: %j", (hostile) => {
  const mixed = `${hostile}<${text.stringValue}>${hostile}`;
  for (const value of HOSTILE)
    expect(arrives(literal(mixed), { text: value })).toBe(`${hostile}<${value}>${hostile}`);
});

test("every value arrives unchanged in YAML, literal or expression, alone or inside text", () => {
  for (const hostile of HOSTILE) {
    const data = {
      literal: hostile,
      expression: text.stringValue,
      mixed: `${hostile}-${text.stringValue}-${hostile}`,
      number: number.numberValue,
      list: list.listValue,
      items: [{ only: hostile }],
      left: undefined,
    };
    const yaml = arrives(yamlText(data), { text: hostile, number: 7, list: [hostile, "b"] });
    expect(parse(String(yaml), { version: "1.1" })).toEqual({
      literal: hostile,
      expression: hostile,
      mixed: `${hostile}-${hostile}-${hostile}`,
      number: 7,
      list: [hostile, "b"],
      items: [{ only: hostile }],
    });
  }
});

test("each dollar becomes what its reader expands to one, in literals and in expressions", () => {
  const data = {
    a: "$x",
    b: text.stringValue,
    c: `$${text.stringValue}`,
    d: expandedByReader("${E}"),
  };
  const yaml = String(arrives(yamlText(data, { dollar: "${D}" }), { text: "${y}$" }));
  const secret = ": \"no's # pw\\";
  const read = yaml.replaceAll("${D}", () => "$").replace("${E}", () => secret);
  expect(parse(read, { version: "1.1" })).toEqual({ a: "$x", b: "${y}$", c: "$${y}$", d: secret });
});

test("a YAML text that looks like a place-holder stays what it is", () => {
  const data = { a: "cdktf_expression_0_", b: text.stringValue };
  expect(parse(String(arrives(yamlText(data), { text: "value" })))).toEqual({
    a: "cdktf_expression_0_",
    b: "value",
  });
});

test("a number's expression becomes text", () => {
  expect(terraformText(stack, `:${asText(number.numberValue)}`)).toBe(":${var.number}");
  expect(asText(5)).toBe("5");
});

test("a checksum is computed by Terraform, over the value", () => {
  const checksum = checksumOf(text.stringValue);
  expect(terraformText(stack, checksum)).toBe("${sha256(jsonencode(var.text))}");
  expect(arrives(checksum, { text: "a" })).not.toBe(arrives(checksum, { text: "b" }));
});

test("whether a text looks so is asked by Terraform, of an expression alone or inside text", () => {
  expect(terraformText(stack, matches(text.stringValue, "^[!-~]{8,40}$"))).toBe(
    '${can(regex("^[!-~]{8,40}$", var.text))}',
  );
  expect(terraformText(stack, matches(`%{x}"${text.stringValue}`, "."))).toBe(
    '${can(regex(".", join("", ["%%{x}\\"", var.text])))}',
  );
});

test("terraformText is the same for equal expressions", () => {
  expect(terraformText(stack, text.stringValue)).toBe("${var.text}");
  expect(terraformText(stack, Token.asString(text.value))).toBe("${var.text}");
  expect(Testing.renderConstructTree(stack)).toContain("text");
});

test("every value arrives unchanged in JSON for a reader that expands variables", () => {
  for (const hostile of HOSTILE) {
    const data = {
      literal: hostile,
      expression: text.stringValue,
      mixed: `${hostile}-${text.stringValue}`,
      number: number.numberValue,
      items: [{ only: hostile, flag: true }],
      left: undefined,
    };
    const json = arrives(jsonText(data), { text: hostile, number: 2.5 }) as string;
    expect(json).not.toContain("$");
    expect(JSON.parse(json)).toEqual({
      literal: hostile,
      expression: hostile,
      mixed: `${hostile}-${hostile}`,
      number: 2.5,
      items: [{ only: hostile, flag: true }],
    });
    expect(JSON.parse(arrives(jsonText({ only: hostile })) as string)).toEqual({ only: hostile });
  }
});
