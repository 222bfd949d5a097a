import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import type { App } from "cdktf";
import * as project from "../src";
import { manifests } from "../src";
import { DEFAULTS } from "../src/litestream/defaults";
import { appProblems } from "../src/litestream/app-problems";
import { GOOD, newApp, objectsOf, synthesized } from "./support/synth";

const guide = readFileSync(join(__dirname, "../docs/operations.md"), "utf8");

/** The examples of a section, as they stand there. */
function codeOf(heading: string): string[] {
  const [section = ""] = guide
    .split(/\n(?=## )/)
    .filter((one) => one.startsWith(`## ${heading}\n`));
  return [...section.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
}

/** Those examples of a section that are props of an app. */
function examplesOf(heading: string): object[] {
  const { Replica, Secret, Storage } = project;
  const values = { Replica, Secret, Storage };
  return codeOf(heading)
    .filter((code) => !code.includes("import ") && !code.startsWith("container:"))
    .map((code) => {
      const { code: plain } = transformSync(`const props = {${code}};`, {
        jsc: { parser: { syntax: "typescript" } },
      });
      return new Function(...Object.keys(values), `${plain}\nreturn props;`)(
        ...Object.values(values),
      );
    });
}

const load = createRequire(__filename);

const [copy = ""] = codeOf("A second copy of the backup");

/** The same with the parts of the pod that the uploads' CronJob has instead. */
const uploads = copy.replace(
  /initContainer: [\s\S]*?\n +volume: .*\n/,
  codeOf("Files beside the databases").at(-1) ?? "",
);

/** The pod of the CronJob, as Kubernetes gets it. */
function podOf(text: string): Record<string, any> {
  const { code } = transformSync(text, {
    jsc: { parser: { syntax: "typescript" } },
    module: { type: "commonjs" },
  });
  const exports: Record<string, new (app: App, id: string) => unknown> = {};
  new Function("exports", "require", code)(exports, (path: string) =>
    path === "../src" ? project : load(path),
  );
  const app = newApp();
  const Stack = exports.NotesCopy as new (app: App, id: string) => unknown;
  new Stack(app, "own");
  const [job] = manifests(synthesized(app), {}) as Record<string, any>[];
  expect(job).toMatchObject({ kind: "CronJob", spec: { concurrencyPolicy: "Forbid" } });
  return job?.spec.jobTemplate.spec.template.spec;
}

test.each([
  ["Reach an app from outside", 1],
  ["Give an app files", 1],
  ["Move a Deployment here", 1],
  ["Files beside the databases", 1],
])("nothing is wrong with what is under %s", (heading, count) => {
  const examples = examplesOf(heading);
  expect(examples).toHaveLength(count);
  for (const props of examples) expect(appProblems("notes", { ...GOOD, ...props })).toEqual([]);
});

test.each([
  ["copies the backup", copy, ["copy", "prove"]],
  ["copies the uploads", uploads, ["copy"]],
])("the CronJob that %s meets Pod Security restricted", (_, text, names) => {
  const pod = podOf(text);
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
  });
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  expect(containers.map((one: { name: string }) => one.name)).toEqual(names);
  for (const { image, securityContext } of containers) {
    expect([DEFAULTS.rcloneImage, DEFAULTS.litestreamImage]).toContain(image);
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
  }
});

test("the claim with the uploads is the one that the app makes, and a second pod may mount it", () => {
  const [props] = examplesOf("Files beside the databases");
  const { volumeClaimTemplates, template } = objectsOf(props).StatefulSet.spec;
  const [claim] = volumeClaimTemplates.filter((one: any) => one.metadata.name !== "data");
  const pod = podOf(uploads);
  expect(pod.volumes[0].persistentVolumeClaim.claimName).toBe(`${claim.metadata.name}-notes-0`);
  expect(claim.spec.accessModes).toEqual(["ReadWriteOnce"]);
  const [term] = pod.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  expect(template.metadata.labels).toMatchObject(term.labelSelector.matchLabels);
});
