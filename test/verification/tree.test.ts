import { BackupVerification, LitestreamApp, Replica, Schedule, Storage } from "../../src";
import { failure, GOOD, newApp, ownStack, synthesized } from "../support/synth";
import { reported, S3, verified } from "../support/verification";

test("two verifications of one name", () => {
  const { tree, stack, of } = verified();
  new BackupVerification(stack, "other", { of });
  expect(reported(tree).sort()).toEqual(
    ["kubernetes_config_map_v1", "kubernetes_cron_job_v1", "kubernetes_network_policy_v1"].map(
      (what) =>
        `own/other/${what.split("_")[1]?.replace("cron", "job")}: name: "notes/notes-verify" is the ${what} of own/verification/${what.split("_")[1]?.replace("cron", "job")} (name) already. Give one of the two another name or namespace.`,
    ),
  );
});

test("two verifications of one app, each with an output of its own", () => {
  const { tree, stack, of } = verified();
  new BackupVerification(stack, "daily", { of, name: "daily", schedule: Schedule.daily() });
  const { output } = synthesized(tree) as any;
  const commands = Object.values(output).map(({ value }: any) => value);
  expect(commands).toEqual([
    expect.stringContaining("--from=cronjob/notes-verify "),
    expect.stringContaining("--from=cronjob/daily "),
  ]);
});

describe("what is wrong with the app is said at the app only", () => {
  test.each<[string, object]>([
    ["port", { port: 0 }],
    ["name", { name: "My Notes" }],
    ["no databases", { databases: [] }],
    ["databases that are none", { databases: "/data/notes.db" }],
    ["a database's path", { databases: ["notes.db"] }],
    ["a directory", { databases: [{ dir: "tenants", pattern: "*.db", atMost: 0 }] }],
    ["no replica", { replica: undefined }],
    ["a replica that is none", { replica: "s3" }],
    ["a replica's bucket", { replica: Replica.s3({ bucket: "", path: "a" } as any) }],
    ["a replica's interval", { replica: { ...S3, syncInterval: "often" } }],
    ["an endpoint that is none", { replica: { ...S3, endpoint: 7 } }],
    ["no storage", { storage: undefined }],
    ["a storage's size", { storage: Storage.claim({ size: "big" }) }],
    ["a namespace", { namespace: "no_tes" }],
    ["no namespace", { namespace: undefined }],
    ["the settings of Litestream", { litestream: 7 }],
    ["the version", { version: "0.4" }],
    ["the metrics' port", { metricsPort: 0 }],
  ])("%s", (_, props) => {
    const alone = newApp();
    new LitestreamApp(ownStack(alone), "notes", { ...GOOD, replica: S3, ...props } as any);
    const { tree } = verified({ assertions: [{ sql: "SELECT 1" }] }, props);
    expect(failure(tree)).toBe(failure(alone));
  });
});
