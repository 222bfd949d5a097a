import { stringify } from "yaml";
import { EvaluationError, evaluateTemplate, type Value } from "./evaluate";
import { type Field, type Fields, KINDS } from "./manifest-fields";

/** A synthesized stack: the content of its `cdk.tf.json`. */
export interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly module?: Readonly<Record<string, unknown>>;
  readonly variable?: Readonly<
    Record<string, { readonly default?: Value; readonly type?: string }>
  >;
}

type Body = Readonly<Record<string, Value>>;

/** A Kubernetes object. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** Arguments of every resource that say how Terraform treats it. */
const META = ["//", "depends_on", "lifecycle", "provider", "provisioner", "connection"];

/**
 * A synthesized stack as the Kubernetes objects that the provider would create, namespaces first.
 *
 * @param variables values by name, as text; variables with a default may be left out
 * @throws Error that names resource and argument, for whatever can't be converted
 */
export function manifests(
  stack: SynthesizedStack,
  variables: Readonly<Record<string, string>> = {},
): Manifest[] {
  for (const name of Object.keys(variables))
    if (!stack.variable?.[name])
      throw new Error(
        `The stack has no variable "${name}". It has ${Object.keys(stack.variable ?? {}).join(", ")}.`,
      );
  if (Object.keys(stack.module ?? {}).length > 0)
    throw new Error(
      `module.${Object.keys(stack.module ?? {})[0]}: what a module makes can't be converted.`,
    );
  const clusters = new Set(
    Object.values(stack.resource ?? {}).flatMap((all) =>
      Object.values(all).map(({ provider }) => provider ?? "kubernetes"),
    ),
  );
  if (clusters.size > 1)
    throw new Error(
      `The stack has resources of several providers (${[...clusters].join(", ")}): one stream of manifests is for one cluster.`,
    );
  const objects = Object.entries(stack.resource ?? {}).flatMap(([type, instances]) =>
    Object.entries(instances).map(([name, body]) =>
      new Conversion(stack, variables, `${type}.${name}`).of(type, body),
    ),
  );
  const first = ({ kind }: Manifest) => (kind === "Namespace" ? 0 : 1);
  return objects.sort((a, b) => first(a) - first(b));
}

/** kubectl reads YAML 1.1, where an unquoted "no" is a boolean. */
const YAML_1_1 = { version: "1.1", lineWidth: 0 } as const;

/** Kubernetes objects as one YAML stream. */
export function manifestsYaml(objects: readonly Manifest[]): string {
  return objects.map((object) => stringify(object, YAML_1_1)).join("---\n");
}

/** The conversion of one resource. */
class Conversion {
  constructor(
    private readonly stack: SynthesizedStack,
    private readonly variables: Readonly<Record<string, string>>,
    private readonly resource: string,
  ) {}

  of(type: string, body: Body): Manifest {
    const kind = KINDS[type];
    if (!kind)
      throw new Error(
        `${this.resource}: this type can't be converted. Known are ${Object.keys(KINDS).join(", ")}.`,
      );
    for (const argument of ["count", "for_each"])
      if (body[argument] !== undefined) throw this.error(argument, "can't be converted");
    // Once: what comes of an expression may itself look like one.
    const own = Object.entries(body)
      .filter(([argument]) => !META.includes(argument))
      .map(([argument, value]) => [argument, this.evaluate(argument, value)]);
    const fields = this.fields("", Object.fromEntries(own) as Body, kind.fields);
    return { apiVersion: kind.apiVersion, kind: kind.kind, ...fields } as unknown as Manifest;
  }

  private fields(path: string, body: Body, fields: Fields): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (const [argument, value] of Object.entries(body)) {
      const at = path === "" ? argument : `${path}.${argument}`;
      const field = fields[argument];
      if (!field) throw this.error(at, "has no counterpart in the conversion");
      if (field.kind === "provider" || value === null || value === undefined) continue;
      if (!isWritten(field, body)) continue;
      if (field.kind === "inline") {
        Object.assign(found, this.field(at, value, { ...field, kind: "object" }));
        continue;
      }
      const converted = this.field(at, value, field);
      if (converted !== undefined) found[field.name ?? camelCase(argument)] = converted;
    }
    for (const [argument, field] of Object.entries(fields)) {
      if (field.kind === "inline" || !("otherwise" in field) || field.otherwise === undefined)
        continue;
      if (isWritten(field, body)) found[field.name ?? camelCase(argument)] ??= field.otherwise;
    }
    return found;
  }

  private field(
    at: string,
    value: Value,
    field: Exclude<Field, { kind: "provider" | "inline" }>,
  ): unknown {
    switch (field.kind) {
      case "text":
        return texts(value);
      case "flag":
        return value === "true" || (value !== "false" && value);
      case "number": {
        const number = this.number(at, value);
        return number === 0 && field.zero === "none" ? undefined : number;
      }
      case "numbers":
        return (value as Value[]).map((item) => this.number(at, item));
      case "mode":
        return Number.parseInt(String(value), 8);
      case "intOrString":
        return /^\d+$/.test(String(value)) ? Number(value) : value;
      case "base64":
        return Object.fromEntries(
          Object.entries(value as Record<string, Value>).map(([key, text]) => [
            key,
            Buffer.from(String(text), "utf8").toString("base64"),
          ]),
        );
      case "object": {
        const blocks = Array.isArray(value) ? value : [value];
        if (blocks.length > 1) throw this.error(at, "stands more than once");
        return blocks.length === 0 ? undefined : this.fields(at, blocks[0] as Body, field.fields);
      }
      case "list": {
        const blocks = Array.isArray(value) ? value : [value];
        if (blocks.length === 0) return undefined;
        return blocks.map((block, index) =>
          this.fields(`${at}[${index}]`, block as Body, field.fields),
        );
      }
    }
  }

  private number(at: string, value: Value): number {
    const number = Number(value);
    if (typeof value === "object" || Number.isNaN(number)) throw this.error(at, "is not a number");
    return number;
  }

  /** Evaluates every text in a value. */
  private evaluate(at: string, value: Value): Value {
    if (typeof value === "string") {
      try {
        return evaluateTemplate(value, (path) => this.lookUp(at, path));
      } catch (error) {
        if (error instanceof EvaluationError)
          throw this.error(at, `can't be evaluated: ${error.message}`);
        throw error;
      }
    }
    if (Array.isArray(value))
      return value.map((item, index) => this.evaluate(`${at}[${index}]`, item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.evaluate(`${at}.${key}`, item)]),
    );
  }

  private lookUp(at: string, path: readonly (string | number)[]): Value {
    const [root, name, ...rest] = path;
    if (root === "var") return this.variable(at, String(name), rest);
    const body = this.stack.resource?.[String(root)]?.[String(name)];
    if (!body)
      throw this.error(at, `refers to ${path.join(".")}, which is no resource of the stack`);
    let value: Value | undefined = body as Value;
    for (const step of rest) {
      // A single block is an object in the synthesized JSON, but a list of one to an expression.
      if (step === 0 && typeof value === "object" && !Array.isArray(value)) continue;
      value = (value as Record<string | number, Value> | undefined)?.[step];
    }
    if (value === undefined)
      throw this.error(at, `refers to ${path.join(".")}, which is known only to the cluster`);
    return this.evaluate(path.join("."), value);
  }

  /** @param rest the way to an element, for a variable that is a map or a list */
  private variable(at: string, name: string, rest: readonly (string | number)[]): Value {
    let value = this.valueOf(at, name);
    for (const step of rest) {
      const inside = typeof value === "object" && value !== null && Object.hasOwn(value, step);
      if (!inside)
        throw this.error(
          at,
          `needs ${JSON.stringify(step)} in the variable ${name}, and it has none`,
        );
      value = (value as Record<string | number, Value>)[step] as Value;
    }
    return value;
  }

  private valueOf(at: string, name: string): Value {
    const declared = this.stack.variable?.[name];
    const given = this.variables[name];
    if (!declared) throw this.error(at, `refers to var.${name}, which the stack doesn't declare`);
    if (given === undefined) {
      if (declared.default === undefined) throw this.error(at, `needs a value: -var ${name}=…`);
      return declared.default;
    }
    if (declared.type === undefined || declared.type === "string") return given;
    try {
      return JSON.parse(given) as Value;
    } catch {
      throw new Error(
        `-var ${name}: ${JSON.stringify(given)} is no ${declared.type}. Write it as JSON.`,
      );
    }
  }

  private error(at: string, text: string): Error {
    return new Error(`${this.resource}: ${at} ${text}.`);
  }
}

/** Whether the provider looks at an argument at all, given the others of its block. */
function isWritten(field: Field, body: Body): boolean {
  if (!("onlyWith" in field)) return true;
  return Object.entries(field.onlyWith ?? {}).every(([other, text]) => body[other] === text);
}

function texts(value: Value): Value {
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value !== "object" || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, texts(item)]));
}

function camelCase(argument: string): string {
  return argument.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
