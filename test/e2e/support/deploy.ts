import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { manifests, manifestsYaml, SqliteStack, type SynthesizedStack } from "../../../src";
import { run } from "./run";

export type Variables = Readonly<Record<string, string>>;

/** Whether stacks go through their Kubernetes manifests instead of Terraform. */
export const throughKubectl = process.env.E2E_APPLY === "kubectl";

/** `test`, or `test.skip` with the reason in its name where Terraform isn't used. */
export const withTerraform = (name: string, body: () => Promise<void>) =>
  throughKubectl
    ? test.skip(`${name} (skipped: E2E_APPLY=kubectl applies without Terraform)`, body)
    : test(name, body);

/** A stack on the cluster in KUBECONFIG. It may be declared anew and applied again. */
export class Deployment {
  private readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-e2e-"));
  private readonly namespaces = new Set<string>();
  /** Objects that are in no namespace, by kind. */
  private readonly wholeCluster = new Map<string, Set<string>>();

  constructor(
    readonly id: string,
    private variables: Variables = {},
  ) {}

  /** Where Terraform runs. */
  get directory(): string {
    return join(this.folder, "cdktf.out", "stacks", this.id);
  }

  get statePath(): string {
    return join(this.folder, `terraform.${this.id}.tfstate`);
  }

  /** Synthesizes what `declare` puts into a stack, and applies it. */
  async apply(
    declare: (stack: TerraformStack) => void,
    variables: Variables = {},
  ): Promise<string> {
    return this.applyStack((app, id) => declare(new SqliteStack(app, id)), variables);
  }

  async applyStack(
    make: (app: Construct, id: string) => void,
    variables: Variables = {},
  ): Promise<string> {
    this.variables = { ...this.variables, ...variables };
    const app = new App({ outdir: join(this.folder, "cdktf.out") });
    make(app, this.id);
    app.synth();
    this.remember(this.synthesized());
    if (throughKubectl) return run("kubectl", ["apply", "-f", "-"], { input: this.manifests() });
    await this.terraform("init", "-input=false", "-reconfigure");
    return this.terraform("apply", "-auto-approve", "-input=false");
  }

  /** Notes what `clean` has to take down. */
  private remember(synthesized: SynthesizedStack): void {
    const types = Object.keys(synthesized.resource ?? {});
    if (!types.some((type) => type.startsWith("kubernetes_"))) return;
    for (const { kind, metadata } of manifests(synthesized, this.variables))
      if (kind === "Namespace") this.namespaces.add(metadata.name);
      else if (metadata.namespace === undefined)
        this.wholeCluster.set(kind, (this.wholeCluster.get(kind) ?? new Set()).add(metadata.name));
  }

  manifests(): string {
    return manifestsYaml(manifests(this.synthesized(), this.variables));
  }

  terraform(command: string, ...args: string[]): Promise<string> {
    return run("terraform", [command, "-no-color", ...args], {
      cwd: this.directory,
      env: this.environment(),
    });
  }

  environment(): Record<string, string> {
    const variables = { kubeconfig: process.env.KUBECONFIG ?? "~/.kube/config", ...this.variables };
    return Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value]),
    );
  }

  /** Takes everything down, also what a declaration would keep. */
  async clean(): Promise<void> {
    for (const namespace of this.namespaces) {
      // A namespace that still has pods is looked at again only after half of their grace period.
      // A pod that has ended still holds its claims.
      await run("kubectl", ["-n", namespace, "delete", "cronjob", "--all", "--cascade=foreground"]);
      await run("kubectl", [
        "-n",
        namespace,
        "delete",
        "statefulset",
        "--all",
        "--cascade=foreground",
        "--timeout=120s",
      ]);
      await run("kubectl", [
        "delete",
        "namespace",
        namespace,
        "--ignore-not-found",
        "--timeout=120s",
      ]);
    }
    for (const [kind, names] of this.wholeCluster)
      await run("kubectl", ["delete", kind, ...names, "--ignore-not-found"]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the last apply synthesized. */
  synthesized(): SynthesizedStack {
    return JSON.parse(
      readFileSync(join(this.directory, "cdk.tf.json"), "utf8"),
    ) as SynthesizedStack;
  }
}
