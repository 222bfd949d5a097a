import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import type { App } from "cdktf";
import * as project from "../src";
import { manifests } from "../src";
import { DEFAULTS } from "../src/litestream/defaults";
import { appProblems } from "../src/litestream/app-problems";
import { GOOD, newApp, synthesized } from "./support/synth";

const guide = readFileSync(join(__dirname, "../docs/operations.md"), "utf8");

/** The examples of a section, as they stand there. */
function codeOf(heading: string): string[] {
  const [section = ""] = guide
    .split(/\n(?=## )/)
    .filter((one) => one.startsWith(`## ${heading}\n`));
  return [...section.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
}

/** The examples of a section, which are props of an app. */
function examplesOf(heading: string): object[] {
  const { Replica, Secret, Storage } = project;
  return codeOf(heading).map((code) => {
    const { code: plain } = transformSync(`const props = {${code}};`, {
      jsc: { parser: { syntax: "typescript" } },
    });
    const values = { Replica, Secret, Storage };
    return new Function(...Object.keys(values), `${plain}\nreturn props;`)(
      ...Object.values(values),
    );
  });
}

const load = createRequire(__filename);

/** The pod of the CronJob that a section declares in a stack, as Kubernetes gets it. */
function podOf(heading: string, name: string): Record<string, any> {
  const [text = ""] = codeOf(heading);
  const { code } = transformSync(text, {
    jsc: { parser: { syntax: "typescript" } },
    module: { type: "commonjs" },
  });
  const exports: Record<string, new (app: App, id: string) => unknown> = {};
  new Function("exports", "require", code)(exports, (path: string) =>
    path === "../src" ? project : load(path),
  );
  const app = newApp();
  const Stack = exports[name] as new (app: App, id: string) => unknown;
  new Stack(app, "own");
  const [job] = manifests(synthesized(app), {}) as Record<string, any>[];
  expect(job).toMatchObject({ kind: "CronJob", spec: { concurrencyPolicy: "Forbid" } });
  return job?.spec.jobTemplate.spec.template.spec;
}

test.each([
  ["Reach an app from outside", 1],
  ["Give an app files", 1],
  ["Move a Deployment here", 1],
])("nothing is wrong with what is under %s", (heading, count) => {
  const examples = examplesOf(heading);
  expect(examples).toHaveLength(count);
  for (const props of examples) expect(appProblems("notes", { ...GOOD, ...props })).toEqual([]);
});

test.each([["A second copy of the backup", "NotesCopy", ["copy", "prove"]]])(
  "the CronJob under %s meets Pod Security restricted",
  (heading, name, names) => {
    const pod = podOf(heading, name);
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    });
    const containers = [...(pod.initContainers ?? []), ...pod.containers];
    expect(containers.map((one: { name: string }) => one.name)).toEqual(names);
    for (const { image, securityContext } of containers) {
      expect([DEFAULTS.rcloneImage, "litestream/litestream:0.5.16"]).toContain(image);
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
      });
    }
  },
);
