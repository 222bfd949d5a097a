import { createHash } from "node:crypto";

/** A value of Terraform's JSON: what an expression comes to. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** Finds what a reference stands for, such as `var.bucket` or `kubernetes_secret_v1.keys.metadata`. */
export type Resolve = (path: readonly (string | number)[]) => Value;

/** An expression outside the closed set, or one without a value. */
export class EvaluationError extends Error {}

/**
 * Evaluates a string of Terraform's JSON syntax: a template in which `${…}` is an expression. Known are
 * references, literals, lists, and the functions `jsonencode`, `join`, `replace`, `base64decode` and
 * `sha256`: what this project synthesizes.
 *
 * @throws EvaluationError for anything else
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 */
export function evaluateTemplate(template: string, resolve: Resolve): Value {
  const parser = new Parser(template, resolve);
  return parser.template(() => parser.done());
}

/** A recursive descent over one template; nested templates in quotes share its position. */
class Parser {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly resolve: Resolve,
  ) {}

  done(): boolean {
    return this.at >= this.text.length;
  }

  /** A template up to where `ends` says; a template that is one expression keeps the value's type. */
  template(ends: () => boolean, escape: () => string | undefined = () => undefined): Value {
    const parts: Value[] = [];
    let literal = "";
    while (!ends()) {
      if (this.take("$${")) literal += "${";
      else if (this.take("%%{")) literal += "%{";
      else if (this.take("%{")) throw this.unknown("a template directive");
      else if (this.take("${")) {
        if (literal !== "") parts.push(literal);
        literal = "";
        parts.push(this.expression());
        this.expect("}");
      } else literal += escape() ?? this.next();
    }
    if (literal !== "") parts.push(literal);
    return parts.length === 1
      ? (parts[0] as Value)
      : parts.map((part) => this.asText(part)).join("");
  }

  private expression(): Value {
    this.space();
    const value = this.primary();
    this.space();
    return value;
  }

  private primary(): Value {
    if (this.take('"')) return this.quoted();
    if (this.take("[")) return this.items("]");
    const number = this.match(/-?\d+(\.\d+)?/y);
    if (number !== undefined) return Number(number);
    const name = this.match(/[A-Za-z_][\w-]*/y);
    if (name === undefined) throw this.unknown("an operator");
    if (name === "true" || name === "false") return name === "true";
    if (name === "null") return null;
    if (this.take("(")) return this.call(name, this.items(")"));
    return this.reference(name);
  }

  private reference(first: string): Value {
    const path: (string | number)[] = [first];
    for (;;) {
      if (this.take(".")) {
        const name = this.match(/[A-Za-z_][\w-]*|\d+/y);
        if (name === undefined) throw this.unknown("a splat");
        path.push(/^\d+$/.test(name) ? Number(name) : name);
      } else if (this.take("[")) {
        const [key, ...more] = this.items("]");
        if (more.length > 0 || (typeof key !== "string" && typeof key !== "number"))
          throw this.unknown("an index");
        path.push(key);
      } else return this.resolve(path);
    }
  }

  private items(close: string): Value[] {
    const values: Value[] = [];
    this.space();
    while (!this.take(close)) {
      values.push(this.expression());
      if (!this.take(",") && this.text[this.at] !== close) throw this.unknown("an operator");
      this.space();
    }
    return values;
  }

  private call(name: string, args: Value[]): Value {
    switch (name) {
      case "jsonencode":
        return jsonencode(args[0] ?? null);
      case "join":
        return (args[1] as Value[])
          .map((part) => this.asText(part))
          .join(this.asText(args[0] ?? ""));
      case "replace": {
        const [text = "", part = "", by = ""] = args.map((argument) => this.asText(argument));
        if (/^\/.*\/$/.test(part)) throw this.unknown("a regular expression");
        return text.replaceAll(part, () => by);
      }
      case "base64decode":
        return Buffer.from(this.asText(args[0] ?? ""), "base64").toString("utf8");
      case "sha256":
        return createHash("sha256")
          .update(this.asText(args[0] ?? ""), "utf8")
          .digest("hex");
      default:
        throw new EvaluationError(
          `the function ${name} is none of jsonencode, join, replace, base64decode, sha256`,
        );
    }
  }

  private quoted(): Value {
    const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };
    const value = this.template(
      () => this.take('"'),
      () => {
        if (!this.take("\\")) return undefined;
        const code = this.match(/u[0-9a-fA-F]{4}/y);
        if (code !== undefined) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
        const known = escapes[this.next()];
        if (known === undefined) throw this.unknown("an escape sequence");
        return known;
      },
    );
    return this.asText(value);
  }

  private asText(value: Value): string {
    if (typeof value === "object") throw this.unknown("a list or an object inside a text");
    return String(value);
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private expect(token: string): void {
    this.space();
    if (!this.take(token)) throw this.unknown("an operator");
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private next(): string {
    if (this.done()) throw this.unknown("an unfinished expression");
    return this.text[this.at++] as string;
  }

  private space(): void {
    this.match(/\s*/y);
  }

  private unknown(what: string): EvaluationError {
    return new EvaluationError(
      `${what} at character ${this.at + 1} of ${JSON.stringify(this.text)}`,
    );
  }
}

/**
 * JSON as Terraform writes it: keys sorted, and `<`, `>`, `&` and two line separators escaped.
 *
 * @see https://developer.hashicorp.com/terraform/language/functions/jsonencode
 */
function jsonencode(value: Value): string {
  return JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] as Value)]));
}
