import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack } from "cdktf";
import {
  LitestreamApp,
  type LitestreamAppProps,
  pinKubernetesProvider,
  Replica,
  Storage,
} from "../../src";
import type { Manifest, SynthesizedStack } from "../../src";
import { manifests } from "../../src";

/** An App that writes into a folder of its own. */
export function newApp(): App {
  return new App({ outdir: mkdtempSync(join(tmpdir(), "cdktf-sqlite-")) });
}

/** A person's own stack that asks for the right provider. */
export function ownStack(app: App, id = "own"): TerraformStack {
  const stack = new TerraformStack(app, id);
  pinKubernetesProvider(stack);
  new KubernetesProvider(stack, "kubernetes", { configPath: "~/.kube/config" });
  return stack;
}

/** Synthesizes as `npm start` does, validations and all, and reads a stack back. */
export function synthesized(app: App, id = "own"): SynthesizedStack & Record<string, never> {
  app.synth();
  return JSON.parse(readFileSync(join(app.outdir, "stacks", id, "cdk.tf.json"), "utf8"));
}

/** What a synthesis that must fail says. */
export function failure(app: App): string {
  try {
    app.synth();
  } catch (error) {
    // CDKTF makes the folder when the App is made.
    expect(readdirSync(app.outdir, { recursive: true })).toEqual(["stacks"]);
    return (error as Error).message;
  }
  throw new Error("the synthesis succeeded");
}

/** An app without anything wrong; the tests change one thing at a time. */
export const GOOD: LitestreamAppProps = {
  name: "notes",
  namespace: "notes",
  image: "ghcr.io/example/notes:1.2.3",
  port: 8080,
  databases: ["/data/notes.db"],
  storage: Storage.claim({ size: "1Gi" }),
  replica: Replica.file({ claim: { size: "5Gi" } }),
};

/** The same under another name. */
export const good = (name: string): LitestreamAppProps => ({ ...GOOD, name });

/** The Kubernetes objects of one app with some props changed, by kind. */
export function objectsOf(
  props: Partial<LitestreamAppProps> = {},
  variables: Record<string, string> = {},
): Record<string, any> {
  const app = newApp();
  new LitestreamApp(ownStack(app), "notes", { ...GOOD, ...props });
  const objects: Manifest[] = manifests(synthesized(app), variables);
  return Object.fromEntries(objects.map((object) => [object.kind, object]));
}

/** The lines that a synthesis with some props changed reports. */
export function problemsOf(props: object, id = "notes"): string[] {
  const app = newApp();
  new LitestreamApp(ownStack(app), id, { ...GOOD, ...props } as LitestreamAppProps);
  return failure(app)
    .split("\n")
    .filter((line) => line.startsWith("  ") && !line.includes("problem"))
    .map((line) => line.trim());
}
