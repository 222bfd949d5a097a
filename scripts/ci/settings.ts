import type { StackJson } from "./stack";

/** What a run is given besides the code, from environment variables of these names. */
export const SETTINGS = {
  variables: "TERRAFORM_VARIABLES",
  secrets: "TERRAFORM_SECRETS",
  environment: "TERRAFORM_ENVIRONMENT",
  kubeconfig: "TERRAFORM_KUBECONFIG",
  passphrase: "TERRAFORM_PLAN_PASSPHRASE",
} as const;

export interface Settings {
  /** Terraform variables, secret or not, by their names. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Environment variables for Terraform, its backend and its providers. */
  readonly environment: Readonly<Record<string, string>>;
  /** Content of a kubeconfig file. */
  readonly kubeconfig: string | undefined;
  readonly passphrase: string;
  /** Everything that must not be read anywhere: texts of the secrets, without those too short to be one. */
  readonly hidden: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether anybody has set this up: a repository in which nobody did is in order. */
export function isSetUp(env: Environment): boolean {
  const { secrets, environment, kubeconfig, passphrase } = SETTINGS;
  return [secrets, environment, kubeconfig, passphrase].some((name) => given(env, name));
}

/** Reads the settings; the problems never tell a value. */
export function readSettings(env: Environment): { settings: Settings; problems: string[] } {
  const problems: string[] = [];
  const variables = jsonObject(env, SETTINGS.variables, problems);
  const secrets = jsonObject(env, SETTINGS.secrets, problems);
  const environment = jsonObject(env, SETTINGS.environment, problems);
  const twice = Object.keys(secrets).filter((name) => name in variables);
  if (twice.length > 0)
    problems.push(
      `${SETTINGS.variables} and ${SETTINGS.secrets} both have ${twice.join(", ")}. Keep one.`,
    );
  const notText = Object.keys(environment).filter((name) => typeof environment[name] !== "string");
  if (notText.length > 0)
    problems.push(`${SETTINGS.environment}: ${notText.join(", ")} must be text. Put it in quotes.`);
  const passphrase = given(env, SETTINGS.passphrase) ?? "";
  if (passphrase.length < 20)
    problems.push(
      `${SETTINGS.passphrase} is ${passphrase === "" ? "missing" : "shorter than 20 characters"}; plan files are kept encrypted by it. Take the output of: openssl rand -base64 32`,
    );
  return {
    settings: {
      variables: { ...variables, ...secrets },
      environment: environment as Record<string, string>,
      kubeconfig: given(env, SETTINGS.kubeconfig),
      passphrase,
      hidden: hiddenTexts([secrets, environment, passphrase]),
    },
    problems,
  };
}

/** Problems of the variables given, for one stack and all those beside it. */
export function variableProblems(
  id: string,
  stacks: Readonly<Record<string, StackJson>>,
  variables: Readonly<Record<string, unknown>>,
): string[] {
  const declared = stacks[id]?.variable ?? {};
  const missing = Object.keys(declared).filter(
    (name) => !("default" in (declared[name] ?? {})) && !(name in variables),
  );
  const known = Object.values(stacks).flatMap(({ variable }) => Object.keys(variable ?? {}));
  const unknown = Object.keys(variables).filter((name) => !known.includes(name));
  return [
    ...(missing.length === 0
      ? []
      : [
          `${id} needs a value for ${missing.join(", ")}. Put it into ${SETTINGS.secrets}, or ${SETTINGS.variables} if everybody may read it.`,
        ]),
    ...(unknown.length === 0
      ? []
      : [
          `No stack has a variable ${unknown.join(", ")}. There are ${[...new Set(known)].sort().join(", ")}.`,
        ]),
  ];
}

/** `TF_VAR_…` for those variables that a stack declares, or of them only the ephemeral ones. */
export function variableEnvironment(
  { variable = {} }: StackJson,
  variables: Readonly<Record<string, unknown>>,
  which: "all" | "ephemeral",
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables)
      .filter(([name]) => name in variable && (which === "all" || variable[name]?.ephemeral))
      .map(([name, value]) => [
        `TF_VAR_${name}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
  );
}

/** A text in which no hidden one is left. */
export function redacted(text: string, hidden: readonly string[]): string {
  return hidden.reduce((rest, one) => rest.replaceAll(one, "***"), text);
}

/** Lines of all texts in a value, longest first; short ones would hide words that tell nothing. */
function hiddenTexts(value: unknown): string[] {
  const texts = (one: unknown): string[] =>
    typeof one === "object" && one !== null
      ? Object.values(one).flatMap(texts)
      : String(one).split("\n");
  const long = texts(value).filter((text) => text.trim().length >= 6);
  return [...new Set(long)].sort((one, other) => other.length - one.length);
}

function given(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value.trim() === "" ? undefined : value;
}

function jsonObject(env: Environment, name: string, problems: string[]): Record<string, unknown> {
  const text = given(env, name);
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // The error of JSON.parse quotes the text.
  }
  problems.push(`${name} is not a JSON object. Write {"name": "value", …}.`);
  return {};
}
