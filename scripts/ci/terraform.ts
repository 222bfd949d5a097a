import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { redacted, variableEnvironment, type Settings } from "./settings";
import { readStack, type StackJson, stacksFolder } from "./stack";

/**
 * Name of the kubeconfig in the stack's folder, and value of the variable `kubeconfig`: a plan holds the
 * path, so it has to be the same on the machine that applies it.
 */
const KUBECONFIG = "kubeconfig.yml";

/** Terraform in the folder of one synthesized stack. */
export class Terraform {
  readonly folder: string;
  private readonly stack: StackJson;

  constructor(
    readonly id: string,
    private readonly settings: Settings,
  ) {
    this.folder = join(stacksFolder(), id);
    this.stack = readStack(stacksFolder(), id);
  }

  /**
   * Runs a command to its end; gives its exit code and all it said, without the secrets: GitLab's log
   * masks them only as the whole variable that holds them.
   *
   * @param variables which of them it is given: a saved plan has all but the ephemeral ones
   * @param options.quiet says nothing of it on this program's own output
   */
  run(
    args: readonly string[],
    variables: "all" | "ephemeral" | "none" = "none",
    { quiet = false } = {},
  ): Promise<{ code: number; output: string }> {
    const child = spawn("terraform", args, {
      cwd: this.folder,
      env: { ...process.env, TF_IN_AUTOMATION: "1", TF_INPUT: "0", ...this.environment(variables) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    // A secret is hidden line by line, so that none is cut in two by how the output arrives.
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const)
      createInterface({ input: from }).on("line", (line) => {
        const text = `${redacted(line, this.settings.hidden)}\n`;
        output += text;
        if (!quiet) to.write(text);
      });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? 1, output }));
    });
  }

  /** Does something with the kubeconfig beside the stack, where the settings have one. */
  async withKubeconfig<T>(body: () => Promise<T>): Promise<T> {
    const { kubeconfig } = this.settings;
    if (kubeconfig === undefined) return body();
    const path = join(this.folder, KUBECONFIG);
    writeFileSync(path, kubeconfig, { mode: 0o600 });
    try {
      return await body();
    } finally {
      if (existsSync(path)) rmSync(path);
    }
  }

  private environment(which: "all" | "ephemeral" | "none"): Record<string, string> {
    const { variables, environment, kubeconfig } = this.settings;
    if (which === "none") return environment;
    const all = kubeconfig === undefined ? variables : { ...variables, kubeconfig: KUBECONFIG };
    return { ...environment, ...variableEnvironment(this.stack, all, which) };
  }
}
