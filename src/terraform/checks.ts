import { TerraformStack } from "cdktf";
import { type Construct, type IConstruct, Node } from "constructs";
import { type Problem, problemText } from "./problem";

/** Something only one construct of the whole tree may hold, such as a replica path. */
export interface Claim {
  /** What is claimed, for the message: "replica path". */
  readonly what: string;
  /** Two claims with the same key collide. */
  readonly key: string;
  /** Whether it also holds every key that goes on with "/". @default false */
  readonly folder?: boolean;
  /** Where the claim stands in the props. */
  readonly field: string;
  /** The value as its author wrote it. */
  readonly value: unknown;
  /** What to write instead. */
  readonly fix: string;
}

/**
 * Has `find` run once before anything of the tree is written, and reports what it finds under the
 * path of `scope`, together with the problems of all other constructs of all stacks.
 */
export function check(scope: Construct, find: () => readonly Problem[]): void {
  Registry.of(scope).add(scope, find);
}

/** Reports a problem when another construct of the tree makes a claim of the same key. */
export function claim(scope: Construct, find: () => readonly Claim[]): void {
  Registry.of(scope).addClaims(scope, find);
}

/**
 * All checks of one tree. CDKTF validates and writes stack by stack, so a problem in the second
 * stack would be found after the first is written; the registry therefore hangs on the first stack
 * of the tree and speaks for all of them (validations on the App run only after writing).
 */
class Registry {
  private static readonly byRoot = new WeakMap<IConstruct, Registry>();

  static of(scope: Construct): Registry {
    const { root } = scope.node;
    let registry = Registry.byRoot.get(root);
    if (!registry) {
      registry = new Registry(root);
      Registry.byRoot.set(root, registry);
    }
    registry.hangOnFirstStack();
    return registry;
  }

  private readonly checks: { scope: Construct; find: () => readonly Problem[] }[] = [];
  private readonly claims: { scope: Construct; find: () => readonly Claim[] }[] = [];
  private readonly hung = new WeakSet<IConstruct>();

  private constructor(private readonly root: IConstruct) {}

  add(scope: Construct, find: () => readonly Problem[]): void {
    this.checks.push({ scope, find });
  }

  addClaims(scope: Construct, find: () => readonly Claim[]): void {
    this.claims.push({ scope, find });
  }

  /** Asked again at every check, because a stack made later can come to stand first. */
  private hangOnFirstStack(): void {
    const first = firstStack(this.root);
    if (!first || this.hung.has(first)) return;
    this.hung.add(first);
    Node.of(first).addValidation({ validate: () => this.report() });
  }

  private report(): string[] {
    const lines = new Map<string, string[]>();
    const say = (scope: Construct, problem: Problem) => {
      const path = scope.node.path || scope.node.id;
      lines.set(path, [...(lines.get(path) ?? []), problemText(problem)]);
    };
    for (const { scope, find } of this.checks) for (const problem of find()) say(scope, problem);
    for (const [scope, problem] of this.collisions()) say(scope, problem);
    if (lines.size === 0) return [];
    const count = [...lines.values()].flat().length;
    const heading = count === 1 ? "1 problem" : `${count} problems`;
    const body = [...lines].map(([path, found]) =>
      [path, ...found.map((f) => `  ${f}`)].join("\n"),
    );
    return [[`${heading} found; nothing was written.`, ...body].join("\n\n")];
  }

  private collisions(): [Construct, Problem][] {
    const holders = new Map<string, string>();
    const folders = new Map<string, string>();
    const above = (id: string) => [...folders].find(([folder]) => id.startsWith(`${folder}/`))?.[1];
    const below = (id: string) => [...holders].find(([other]) => other.startsWith(`${id}/`))?.[1];
    const found: [Construct, Problem][] = [];
    for (const { scope, find } of this.claims) {
      for (const { what, key, folder, field, value, fix } of find()) {
        const id = `${what}\n${key}`;
        const holder = holders.get(id) ?? above(id) ?? (folder ? below(id) : undefined);
        if (holder === undefined) {
          holders.set(id, `${scope.node.path} (${field})`);
          if (folder) folders.set(id, `${scope.node.path} (${field})`);
        } else
          found.push([scope, { field, value, wrong: `is the ${what} of ${holder} already`, fix }]);
      }
    }
    return found;
  }
}

/** The first stack in the order in which CDKTF writes them. */
function firstStack(node: IConstruct): TerraformStack | undefined {
  if (TerraformStack.isStack(node)) return node;
  for (const child of node.node.children) {
    const found = firstStack(child);
    if (found) return found;
  }
  return undefined;
}
