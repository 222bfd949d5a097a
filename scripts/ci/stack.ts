import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** What continuous integration reads of a synthesized stack's `cdk.tf.json`. */
export interface StackJson {
  readonly terraform?: {
    readonly backend?: Readonly<Record<string, unknown>>;
    readonly cloud?: unknown;
  };
  readonly variable?: Readonly<Record<string, DeclaredVariable>>;
}

export interface DeclaredVariable {
  readonly default?: unknown;
  readonly ephemeral?: boolean;
}

/** The folder of all synthesized stacks. */
export const stacksFolder = (root = ".") => join(root, "cdktf.out", "stacks");

/** Ids of the stacks that are synthesized in a folder, none when it isn't there. */
export function stackIds(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

export function readStack(folder: string, id: string): StackJson {
  return JSON.parse(readFileSync(join(folder, id, "cdk.tf.json"), "utf8")) as StackJson;
}

/**
 * Ids of the stacks of `head` that Terraform would see as others than in `base`. A stack that only
 * `base` has is none of them: nothing is left to plan it from.
 */
export function changedStacks(base: string, head: string): string[] {
  const before = stackIds(base);
  return stackIds(head).filter(
    (id) => !before.includes(id) || content(join(base, id)) !== content(join(head, id)),
  );
}

/** Ids of the stacks that only `base` has. */
export function goneStacks(base: string, head: string): string[] {
  const after = stackIds(head);
  return stackIds(base).filter((id) => !after.includes(id));
}

/** Everything Terraform reads in a stack's folder, as one text to compare. */
function content(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(folder, path).startsWith(".terraform"))
    .sort();
  return JSON.stringify(
    files.map((path) => {
      const text = readFileSync(path, "base64");
      const json = path.endsWith(".tf.json");
      return [relative(folder, path), json ? withoutComments(readJson(path)) : text];
    }),
  );
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

/** Without the "//" keys, where CDKTF notes the construct's place in the tree, which Terraform ignores. */
function withoutComments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutComments);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "//");
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutComments(item)]));
}

/** Whether the state of a stack is a file on the machine that runs Terraform. */
export function hasLocalState({ terraform }: StackJson): boolean {
  if (terraform?.cloud !== undefined) return false;
  const backends = Object.keys(terraform?.backend ?? {});
  return backends.length === 0 || backends.includes("local");
}
