import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import * as project from "../../src";
import { variable } from "../../src";
import { newApp, ownStack, synthesized } from "../support/synth";

const guide = readFileSync(join(__dirname, "../../docs/alerts.md"), "utf8");

test("the example of the guide synthesizes, and keeps its secrets out of the stack", () => {
  const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(guide) ?? [];
  const { code: plain } = transformSync(code, { jsc: { parser: { syntax: "typescript" } } });
  const app = newApp();
  const stack = ownStack(app);
  const secrets = ["gotifyUrl", "gotifyToken", "slackUrl", "pingUrl"].map((name) => [
    name,
    variable(stack, name, { ephemeral: true, description: name }).stringValue,
  ]);
  const known = { ...project, ...Object.fromEntries(secrets) };
  new Function(...Object.keys(known), plain).call(stack, ...Object.values(known));
  const { resource } = synthesized(app);
  expect(Object.keys(resource ?? {}).sort()).toEqual([
    "kubernetes_cluster_role_binding_v1",
    "kubernetes_cluster_role_v1",
    "kubernetes_config_map_v1",
    "kubernetes_daemon_set_v1",
    "kubernetes_namespace_v1",
    "kubernetes_network_policy_v1",
    "kubernetes_secret_v1",
    "kubernetes_service_account_v1",
  ]);
  expect(JSON.stringify(resource?.kubernetes_config_map_v1)).not.toContain("${var.");
  expect(JSON.stringify(resource?.kubernetes_daemon_set_v1)).not.toContain("${var.");
  expect(Object.keys(resource?.kubernetes_daemon_set_v1 ?? {})).toEqual(["alerts_log-alerts"]);
});
