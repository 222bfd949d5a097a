import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

const root = join(__dirname, "../..");
const outdir = mkdtempSync(join(tmpdir(), "cdktf-sqlite-"));
const env = { ...process.env, CDKTF_OUTDIR: outdir };
const tool = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    "node",
    ["--import", "tsx", "scripts/manifests.ts", ...args],
    { cwd: root, env, encoding: "utf8" },
  );
  return { status, stdout, stderr };
};

beforeAll(() => execFileSync("node", ["--import", "tsx", "main.ts"], { cwd: root, env }), 30_000);

test("prints a stack as YAML", () => {
  const { status, stdout } = tool("quickstart");
  expect(status).toBe(0);
  expect(parseAllDocuments(stdout).map((document) => document.get("kind"))).toEqual([
    "Namespace",
    "ConfigMap",
    "ConfigMap",
    "CronJob",
    "NetworkPolicy",
    "ServiceAccount",
    "Service",
    "StatefulSet",
  ]);
});

test("takes variables in both of Terraform's spellings", () => {
  const variables = [
    "s3_endpoint",
    "s3_region",
    "s3_bucket",
    "s3_access_key_id",
    "s3_secret_access_key",
  ];
  const { status, stdout, stderr } = tool(
    "litestream-guide",
    ...variables.slice(1).flatMap((name) => ["-var", `${name}=x`]),
    "-var=s3_endpoint=http://s3:9000",
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain('endpoint: "http://s3:9000"');
});

test.each([
  [["--help"], 0, "usage: npm run --silent manifests -- <stack>"],
  [[], 1, "manifests: Name one stack."],
  [["a", "b"], 1, "manifests: Name one stack."],
  [["nowhere"], 1, "cdk.tf.json doesn't exist. Synthesize first: npm start"],
  [["quickstart", "-var", "x"], 1, "manifests: -var x: write name=value."],
  [["quickstart", "--wrong"], 1, "manifests: Unknown option '--wrong'"],
  [["litestream-guide"], 1, "needs a value: -var s3_"],
])("%j says what to do", (args, status, text) => {
  const result = tool(...args);
  expect(result.status).toBe(status);
  expect(status === 0 ? result.stdout : result.stderr).toContain(text);
});
