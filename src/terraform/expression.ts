import { DefaultTokenResolver, Fn, Lazy, StringConcat, Token, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";
import { Scalar, stringify } from "yaml";

/**
 * Whether a value is, or holds, something only Terraform knows: a variable, an attribute of
 * another resource. Such values skip the checks at synth. A hand-written `"${var.x}"` is not one:
 * text is taken literally.
 */
export function isExpression(value: unknown): boolean {
  return Token.isUnresolved(value);
}

/**
 * Text for a Terraform argument that arrives as it was written: `${` and `%{` would start a
 * template there, and so would a "$" right before an expression. Expressions inside the text stay
 * expressions.
 *
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 */
export function literal(text: string): string {
  if (!isExpression(text)) return escaped(text);
  return fragments(text)
    .map((part) =>
      isExpression(part) ? part : asToken(escaped(part).replace(/([$%])$/, '${"$1"}')),
    )
    .join("");
}

/** A value as text. In a JavaScript template an expression of a number would be lost. */
export function asText(value: string | number | boolean): string {
  return isExpression(value) ? Token.asString(value) : String(value);
}

/** {@link literal} for every value of a map. */
export function literals(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, literal(value)]));
}

/** How {@link yamlText} writes. */
export interface YamlOptions {
  /** What stands for each "$" of the values, for a reader that expands `${NAME}`. @default "$" itself */
  readonly dollar?: string;
}

/** A text in YAML that its reader expands to something nobody knows yet, quotes and all: in a block of its own. */
export function expandedByReader(text: string): unknown {
  const scalar = new Scalar(text);
  scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}

/** A text that stands in double quotes whatever it holds, as every expression does. */
export function quoted(text: string): unknown {
  if (isExpression(text)) return text;
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

/**
 * Plain data as YAML for a Terraform argument. Literal text is escaped; an expression becomes an
 * unquoted `jsonencode(…)`, which is YAML whatever the value holds. Undefined fields are left out.
 */
export function yamlText(data: object, { dollar = "$" }: YamlOptions = {}): string {
  const expressions: string[] = [];
  const marker = unusedMarker(data);
  const encoded = (value: unknown) => {
    const json = Fn.jsonencode(functionArgument(value));
    return Token.asString(dollar === "$" ? json : Fn.replace(json, "$", dollar));
  };
  const withPlaceholders = replaceValues(data, {
    expression(value) {
      expressions.push(encoded(value));
      return `${marker}${expressions.length - 1}_`;
    },
    text: (value) => value.replaceAll("$", () => dollar),
  });
  const text = stringify(withPlaceholders, YAML_1_1);
  if (expressions.length === 0) return escaped(text);
  return text
    .split(new RegExp(`${marker}(\\d+)_`))
    .map((part, index) => (index % 2 === 1 ? expressions[Number(part)] : asToken(escaped(part))))
    .join("");
}

/**
 * Plain data as JSON for a Terraform argument, for a reader that expands `$NAME` in it: every "$" is written `\\u0024`.
 * Undefined fields are left out.
 */
export function jsonText(data: object): string {
  const dollar = "\\u0024";
  const expressions: string[] = [];
  const marker = unusedMarker(data);
  const withPlaceholders = replaceValues(data, {
    expression(value) {
      const json = Fn.jsonencode(functionArgument(value));
      // CDKTF writes it into HCL in quotes, where "\\" is one.
      expressions.push(Token.asString(Fn.replace(json, "$", `\\${dollar}`)));
      return `${marker}${expressions.length - 1}_`;
    },
    text: (value) => value,
  });
  return JSON.stringify(withPlaceholders, null, 2)
    .replaceAll("$", () => dollar)
    .split(new RegExp(`"${marker}(\\d+)_"`))
    .map((part, index) => {
      if (index % 2 === 1) return expressions[Number(part)];
      return expressions.length === 0 ? escaped(part) : asToken(escaped(part));
    })
    .join("");
}

/** The beginning of the place-holders: a plain YAML scalar that occurs nowhere in the data. */
function unusedMarker(data: object): string {
  const text = JSON.stringify(data);
  let marker = "expression_";
  while (text.includes(marker)) marker += "x_";
  return marker;
}

/**
 * A SHA-256 that Terraform computes over a value it knows at apply; a hash made at synth would see
 * the expression, not its value.
 */
export function checksumOf(value: unknown): string {
  return Token.asString(Fn.sha256(Token.asString(Fn.jsonencode(value))));
}

/**
 * A condition that Terraform looks at: whether the text of an expression is there, and looks so.
 *
 * @param shape in the language of Terraform's `regex`
 */
export function matches(expression: string, shape: string): string {
  return Token.asString(Fn.can(Fn.regex(shape, Token.asString(functionArgument(expression)))));
}

/** A value as Terraform will read it: two equal expressions give the same text ("${var.bucket}"). */
export function terraformText(scope: IConstruct, value: unknown): string {
  if (!isExpression(value)) return String(value);
  const resolver = new DefaultTokenResolver(new StringConcat());
  return String(Tokenization.resolve(value, { scope, resolver, preparing: false }));
}

function escaped(text: string): string {
  return text.replaceAll("${", () => "$${").replaceAll("%{", "%%{");
}

/** Literal text as a token of its own, so that its braces don't reach the parsing of its neighbours. */
function asToken(text: string): string {
  return text === "" ? "" : Lazy.stringValue({ produce: () => text });
}

/** Litestream reads YAML 1.1, where an unquoted "no" is a boolean. */
const YAML_1_1 = { version: "1.1", lineWidth: 0 } as const;

/** How CDKTF marks a token inside a string. */
const MARKER = /(\$\{TfToken\[[^\]]*\]\})/;

/** The literal and the expression parts of a text, in order, each as a string. */
function fragments(text: string): string[] {
  return text.split(MARKER).filter((part) => part !== "");
}

interface Replacements {
  expression(value: unknown): string;
  text(value: string): string;
}

function replaceValues(value: unknown, by: Replacements): unknown {
  if (value instanceof Scalar && value.type === Scalar.QUOTE_DOUBLE)
    return quoted(by.text(String(value.value)));
  if (value instanceof Scalar) return value;
  if (isWholeExpression(value)) return by.expression(value);
  if (typeof value === "string") return by.text(value);
  if (Array.isArray(value)) return value.map((item) => replaceValues(item, by));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, replaceValues(item, by)]));
}

/** An expression itself, as opposed to an object or array of ours that holds one. */
function isWholeExpression(value: unknown): boolean {
  if (Array.isArray(value))
    return (
      value.length === 1 &&
      typeof value[0] === "string" &&
      Tokenization.reverseList(value) !== undefined
    );
  if (typeof value === "object") return Tokenization.isResolvable(value);
  return isExpression(value);
}

/** Text that mixes literals and expressions, as an argument of a Terraform function. */
function functionArgument(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parts = fragments(value);
  if (parts.length === 1) return value;
  return Fn.join(
    "",
    parts.map((part) => (isExpression(part) ? part : argument(part))),
  );
}

/** CDKTF takes an argument in quotes as an HCL string; it escapes `${` itself, but not `%{`. */
function argument(text: string): string {
  return JSON.stringify(text).replaceAll("%{", "%%{");
}
