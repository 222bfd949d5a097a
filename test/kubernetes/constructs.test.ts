import { S3Backend, TerraformStack } from "cdktf";
import {
  LitestreamApp,
  manifests,
  Namespace,
  SqliteStack,
  variable,
  WriteOnlySecret,
} from "../../src";
import { CronJob } from "../../src/kubernetes/cron-job";
import { StatefulSet } from "../../src/kubernetes/stateful-set";
import { failure, GOOD, newApp, ownStack, synthesized } from "../support/synth";

test("a stack asks for the provider with native sidecars, and keeps its state beside cdktf.json", () => {
  const app = newApp();
  new LitestreamApp(new SqliteStack(app, "own"), "notes", GOOD);
  expect(synthesized(app)).toMatchObject({
    terraform: {
      required_providers: { kubernetes: { source: "kubernetes", version: "~> 3.2" } },
      backend: { local: { path: "../../../terraform.own.tfstate" } },
    },
    provider: {
      kubernetes: [{ config_path: "${var.kubeconfig}", config_context: "${var.kube_context}" }],
    },
    variable: { kubeconfig: { default: "~/.kube/config" }, kube_context: { default: null } },
  });
});

test("another backend is one line", () => {
  const app = newApp();
  const stack = new SqliteStack(app, "own");
  new S3Backend(stack, { bucket: "states", key: "own" });
  const { terraform } = synthesized(app) as unknown as { terraform: { backend: object } };
  expect(terraform.backend).toEqual({ s3: { bucket: "states", key: "own" } });
});

test("a construct called backend is not taken for one", () => {
  const app = newApp();
  new Namespace(new SqliteStack(app, "own"), "backend");
  expect(() => app.synth()).toThrow(
    "There is already a Construct with name 'backend' in SqliteStack [own]",
  );
});

test("the constructs work in a person's own stack", () => {
  const app = newApp();
  const stack: TerraformStack = ownStack(app);
  new LitestreamApp(stack, "notes", { ...GOOD, namespace: new Namespace(stack, "space") });
  expect(synthesized(app)).toMatchObject({
    terraform: { required_providers: { kubernetes: { version: "~> 3.2" } } },
  });
});

test("a namespace carries Pod Security labels", () => {
  const app = newApp();
  const stack = ownStack(app);
  new Namespace(stack, "strict");
  new Namespace(stack, "loose", { name: "other", podSecurity: "privileged" });
  const namespaces = synthesized(app).resource?.kubernetes_namespace_v1 as any;
  expect(namespaces.strict.metadata.labels).toMatchObject({
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
  });
  expect(namespaces.loose.metadata.name).toBe("other");
  expect(namespaces.loose.metadata.labels).toMatchObject({
    "pod-security.kubernetes.io/enforce": "privileged",
  });
});

test("a namespace's name is checked", () => {
  const app = newApp();
  new Namespace(ownStack(app), "My_Space");
  expect(failure(app)).toContain('own/My_Space\n  name: "My_Space" is not a DNS label.');
});

test.each([0, -1, 1.5])("a Secret's revision of %d is refused", (revision) => {
  const app = newApp();
  new WriteOnlySecret(ownStack(app), "keys", { namespace: "notes", data: {}, revision });
  expect(failure(app)).toContain(
    `own/keys\n  revision: ${revision} would never be written: the provider writes at 1 and more. Write a whole number from 1, and another one at each rotation.`,
  );
});

test("a Secret's name is checked, its revision may be a variable", () => {
  const app = newApp();
  const stack = ownStack(app);
  const revision = variable(stack, "revision", { type: "number" }).numberValue;
  new WriteOnlySecret(stack, "Keys", { namespace: "notes", data: {}, revision });
  const message = failure(app);
  expect(message).toContain('own/Keys\n  name: "Keys" is not a DNS label.');
  expect(message).not.toContain("revision");
});

describe("native sidecars", () => {
  const pod = (...names: string[]) => ({
    metadata: {},
    spec: { container: [{ name: "app" }], initContainer: names.map((name) => ({ name })) },
  });
  const make = {
    StatefulSet: (nativeSidecars: string[], template: ReturnType<typeof pod>) => {
      const app = newApp();
      new StatefulSet(ownStack(app), "it", {
        nativeSidecars,
        metadata: { name: "it" },
        spec: { serviceName: "it", selector: {}, template },
      });
      return app;
    },
    CronJob: (nativeSidecars: string[], template: ReturnType<typeof pod>) => {
      const app = newApp();
      new CronJob(ownStack(app), "it", {
        nativeSidecars,
        metadata: { name: "it" },
        spec: { schedule: "0 2 * * 6", jobTemplate: { metadata: {}, spec: { template } } },
      });
      return app;
    },
  };
  const podOf = {
    StatefulSet: (spec: any) => spec.template.spec,
    CronJob: (spec: any) => spec.jobTemplate.spec.template.spec,
  };

  describe.each(["StatefulSet", "CronJob"] as const)("of a %s", (kind) => {
    test("are the init containers of these names, and no others", () => {
      const [object] = manifests(synthesized(make[kind](["b", "c"], pod("a", "b", "c"))));
      const { initContainers, containers } = podOf[kind](object?.spec);
      expect(initContainers).toMatchObject([
        { name: "a" },
        { name: "b", restartPolicy: "Always" },
        { name: "c", restartPolicy: "Always" },
      ]);
      expect(initContainers[0]).not.toHaveProperty("restartPolicy");
      expect(containers[0]).not.toHaveProperty("restartPolicy");
    });

    test.each([
      ["isn't there", pod("somebody")],
      ["is no init container", { ...pod("somebody"), spec: { container: [{ name: "nobody" }] } }],
    ])("one that %s is an error", (_, template) => {
      expect(() => make[kind](["nobody"], template as never).synth()).toThrow(
        'own/it: no init container is named "nobody".',
      );
    });
  });
});
