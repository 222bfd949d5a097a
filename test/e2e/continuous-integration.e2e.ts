import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, S3Backend } from "cdktf";
import { Namespace, SqliteStack, variable, WriteOnlySecret } from "../../src";
import { S3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { throughKubectl, withTerraform } from "./support/deploy";
import { requireTools } from "./support/litestream";
import { type Result, tryRun } from "./support/run";

const root = join(__dirname, "../..");
const HUSH = `hush-${Date.now()}`;

/** The programs that the workflows run, in a checkout of their own with one stack. */
class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-ci-"));

  constructor(private readonly statePath: string) {
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  synth(revision: number): void {
    rmSync(join(this.folder, "cdktf.out"), { recursive: true, force: true });
    const app = new App({ outdir: join(this.folder, "cdktf.out") });
    const stack = new SqliteStack(app, "ci");
    const setting = { type: "string", sensitive: true };
    const backend = new S3Backend(stack, {
      bucket: S3.bucket,
      key: this.statePath,
      region: S3.region,
      endpoints: { s3: S3.endpointHere },
      usePathStyle: true,
      skipCredentialsValidation: true,
      skipRequestingAccountId: true,
      skipMetadataApiCheck: true,
    });
    backend.addOverride("use_lockfile", true);
    const ephemeral = variable(stack, "key", { ...setting, ephemeral: true });
    variable(stack, "size", { type: "number", default: 1 });
    const namespace = new Namespace(stack, "e2e-ci", { disposable: true });
    new WriteOnlySecret(stack, "notes", {
      namespace,
      data: { key: ephemeral.stringValue },
      revision,
    });
    app.synth();
  }

  run(program: string, args: readonly string[] = [], secrets: object = {}): Promise<Result> {
    const script = join(root, "scripts/ci", `${program}.ts`);
    return tryRun("node", ["--import", "tsx", script, ...args], {
      cwd: this.folder,
      env: {
        STACKS: '["ci"]',
        COMMIT: "abc",
        RUN_URL: "https://example.com/run/1",
        TERRAFORM_SECRETS: JSON.stringify({ key: HUSH, ...secrets }),
        TERRAFORM_ENVIRONMENT: JSON.stringify({
          AWS_ACCESS_KEY_ID: S3.accessKeyId,
          AWS_SECRET_ACCESS_KEY: S3.secretAccessKey,
        }),
        TERRAFORM_KUBECONFIG: readFileSync(process.env.KUBECONFIG ?? "", "utf8"),
        TERRAFORM_PLAN_PASSPHRASE: "a passphrase that is long enough",
      },
    });
  }

  /** Terraform itself, beside the programs. */
  terraform(...args: string[]): Promise<Result> {
    const env = { AWS_ACCESS_KEY_ID: S3.accessKeyId, AWS_SECRET_ACCESS_KEY: S3.secretAccessKey };
    return tryRun("terraform", args, { cwd: join(this.folder, "cdktf.out/stacks/ci"), env });
  }

  result(): { outcome: string; summary: string } {
    return JSON.parse(readFileSync(join(this.folder, "plans/ci/result.json"), "utf8"));
  }

  /** Another machine gets what the artifact holds, and the code. */
  takePlans({ folder }: Checkout): void {
    cpSync(join(folder, "plans"), join(this.folder, "plans"), { recursive: true });
  }

  clean(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe("a stack with its state in S3, by the workflows' programs", () => {
  const cluster = new Cluster("e2e-ci");
  const state = `continuous-integration/${Date.now()}.tfstate`;
  const planner = new Checkout(state);
  const applier = new Checkout(state);
  const key = async () => {
    const { data } = (await cluster.get("secret", "notes")) as unknown as { data: { key: string } };
    return Buffer.from(data.key, "base64").toString();
  };

  beforeAll(async () => {
    if (!throughKubectl) await requireTools({ curl: "7.75 or later", gpg: "GnuPG 2" });
  });

  afterAll(async () => {
    await tryRun("kubectl", ["delete", "namespace", "e2e-ci", "--ignore-not-found"]);
    planner.clean();
    applier.clean();
  });

  withTerraform("is planned without a secret in what is kept, and applied elsewhere", async () => {
    planner.synth(1);
    expect(await planner.run("stacks")).toMatchObject({ code: 0, stdout: '["ci"]\n' });
    expect(await planner.run("plan", ["ci", "--no-lock"])).toMatchObject({ code: 0 });
    expect(planner.result()).toMatchObject({
      outcome: "changes",
      summary: "Plan: 2 to add, 0 to change, 0 to destroy.",
    });
    const { stdout: comment } = await planner.run("comment", ["--print"]);
    expect(comment).toContain("- `kubernetes_namespace_v1.e2e-ci` will be created");
    // A plan file is a ZIP archive.
    const kept = readFileSync(join(planner.folder, "plans/ci/plan.gpg"));
    expect(kept.subarray(0, 2).toString()).not.toBe("PK");

    applier.synth(1);
    applier.takePlans(planner);
    expect(await applier.run("apply", ["--list"])).toMatchObject({ stdout: '["ci"]\n' });
    const applied = await applier.run("apply");
    expect(applied).toMatchObject({ code: 0 });
    expect(await key()).toBe(HUSH);
    const pulled = await applier.terraform("state", "pull");
    expect(pulled.stdout).toContain('"kubernetes_secret_v1"');
    for (const text of [comment, applied.stdout, pulled.stdout]) expect(text).not.toContain(HUSH);
    for (const { folder } of [planner, applier]) {
      const left = await tryRun("find", [join(folder, "cdktf.out"), "-name", "*.yml"]);
      const plans = await tryRun("find", [join(folder, "cdktf.out"), "-name", "*.tfplan"]);
      expect(left.stdout + plans.stdout).toBe("");
    }
  });

  withTerraform("a plan is refused once another one was applied", async () => {
    const again = await applier.run("apply");
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/Saved plan is stale[\s\S]*apply: ci: terraform apply failed/);
  });

  withTerraform("nothing is left to plan, and nothing to apply", async () => {
    expect(await planner.run("plan", ["ci"])).toMatchObject({ code: 0 });
    expect(planner.result()).toMatchObject({ outcome: "none" });
    expect(await planner.run("apply", ["--list"])).toMatchObject({ stdout: "[]\n" });
  });

  withTerraform("a plan waits for no lock when it is told so, and for one otherwise", async () => {
    planner.synth(2);
    const lock = await tryRun("curl", [
      ...["-sSf", "--aws-sigv4", `aws:amz:${S3.region}:s3`, "-X", "PUT"],
      ...["--user", `${S3.accessKeyId}:${S3.secretAccessKey}`],
      ...["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"],
      ...["--data-binary", '{"ID": "somebody"}'],
      `${S3.endpointHere}/${S3.bucket}/${state}.tflock`,
    ]);
    expect(lock).toMatchObject({ code: 0 });
    expect(await planner.run("plan", ["ci", "--no-lock"])).toMatchObject({ code: 0 });
    expect(await planner.run("plan", ["ci"])).toMatchObject({ code: 1 });
    const text = readFileSync(join(planner.folder, "plans/ci/plan.txt"), "utf8");
    expect(text).toContain("Error acquiring the state lock");
    expect(await planner.terraform("force-unlock", "-force", "somebody")).toMatchObject({
      code: 0,
    });
  });

  withTerraform("what fails is in the comment, without a secret", async () => {
    const failed = await planner.run("plan", ["ci"], { size: `not ${HUSH}` });
    expect(failed.code).toBe(1);
    expect(planner.result()).toMatchObject({ outcome: "failed", summary: "the plan failed." });
    const { stdout } = await planner.run("comment", ["--print"]);
    expect(stdout).toContain("<details open>");
    expect(stdout).toContain("var.size");
    expect(stdout).not.toContain(HUSH);
  });

  withTerraform("an apply with another passphrase does nothing", async () => {
    expect(await planner.run("plan", ["ci"])).toMatchObject({ code: 0 });
    const script = join(root, "scripts/ci/apply.ts");
    const { code, stderr } = await tryRun("node", ["--import", "tsx", script], {
      cwd: planner.folder,
      env: { STACKS: '["ci"]', TERRAFORM_PLAN_PASSPHRASE: "another one, as long as the first" },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/decrypt/i);
  });
});
