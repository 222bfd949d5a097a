import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { HomeServerServices } from "../../../stacks/home-server-services";
import { throughKubectl } from "./deploy";
import { HEALTHCHECKS } from "./healthchecks";
import { hasMinio } from "./minio";

/** `describe`, or `describe.skip` with the reason in its name where one of the services isn't here. */
export function withServices(name: string, body: () => void): void {
  const missing = whatIsMissing();
  if (missing === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${missing})`, body);
}

function whatIsMissing(): string | undefined {
  if (throughKubectl) return "E2E_APPLY=kubectl applies without Terraform";
  if (!hasMinio()) return "there is no MinIO, neither as minio on the PATH nor in MINIO";
  if (HEALTHCHECKS.url === undefined || HEALTHCHECKS.apiKey === "")
    return "there is no healthchecks server in E2E_HEALTHCHECKS_URL and E2E_HEALTHCHECKS_API_KEY";
  if (!canInstallProviders()) return "terraform init doesn't find the providers of the stack";
  return undefined;
}

/** Whether Terraform finds the providers, in its registry or in a mirror. */
function canInstallProviders(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-providers-"));
  const app = new App({ outdir: join(folder, "cdktf.out") });
  const stack = new HomeServerServices(app, "providers", []);
  const { terraform } = stack.toTerraform() as { terraform: { required_providers: object } };
  const { required_providers } = terraform;
  const text = JSON.stringify({ terraform: { required_providers } });
  writeFileSync(join(folder, "providers.tf.json"), text);
  const { status } = spawnSync("terraform", ["init", "-input=false"], { cwd: folder });
  rmSync(folder, { recursive: true });
  return status === 0;
}
