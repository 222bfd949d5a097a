import {
  BackupVerification,
  LitestreamApp,
  manifests,
  Report,
  Schedule,
  variable,
} from "../../src";
import { GOOD, newApp, ownStack, synthesized } from "../support/synth";
import { S3, url } from "../support/verification";

test("expressions are accepted where nothing is made by them", () => {
  const values = {
    name: "proof",
    cron: "0 3 * * 0",
    zone: "Europe/Berlin",
    size: "3Gi",
    image: "curl:1",
    sql: "SELECT '${x}'",
    equals: "42",
    port: "8443",
    namespace: "monitoring",
    memory: "1Gi",
  };
  const tree = newApp();
  const stack = ownStack(tree);
  const of = (name: keyof typeof values) => variable(stack, name, { type: "string" }).stringValue;
  const number = (name: keyof typeof values) =>
    variable(stack, name, { type: "number" }).numberValue;
  new BackupVerification(stack, "verification", {
    of: new LitestreamApp(stack, "notes", { ...GOOD, replica: S3 }),
    name: of("name"),
    schedule: Schedule.cron(of("cron"), { timeZone: of("zone") }),
    sizeLimit: of("size"),
    curlImage: of("image"),
    assertions: [{ sql: of("sql"), equals: number("equals") }],
    reports: [Report.ntfy({ url, port: number("port"), namespace: of("namespace") })],
    resources: { limits: { memory: of("memory") } },
  });
  const objects = Object.fromEntries(
    manifests(synthesized(tree), values).map((one) => [`${one.kind} ${one.metadata.name}`, one]),
  ) as any;
  const { spec } = objects["CronJob proof"];
  expect(spec).toMatchObject({ schedule: values.cron, timeZone: values.zone });
  const pod = spec.jobTemplate.spec.template.spec;
  expect(pod.volumes[1].emptyDir.sizeLimit).toBe("3Gi");
  expect(pod.containers[0].image).toBe("curl:1");
  expect(pod.initContainers[0].resources.limits.memory).toBe("1Gi");
  expect(objects["ConfigMap proof"].data).toMatchObject({
    "assertion-0.sql": values.sql,
    "assertion-0.expected": "42",
  });
  expect(objects["NetworkPolicy proof"].spec.egress.slice(2)).toEqual([
    { ports: [{ port: 443, protocol: "TCP" }] },
    { ports: [{ port: 8443, protocol: "TCP" }] },
    {
      ports: [{ protocol: "TCP" }],
      to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
    },
  ]);
});
