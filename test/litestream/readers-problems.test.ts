import {
  LitestreamApp,
  type LitestreamAppProps,
  LitestreamReaders,
  Replica,
  Secret,
  Storage,
  variable,
} from "../../src";
import { failure, GOOD, newApp, ownStack } from "../support/synth";

const S3 = Replica.s3({ bucket: "backups", path: "notes", credentials: Secret.existing("keys") });
const expression = variable(ownStack(newApp()), "any", { type: "string" }).stringValue;

/** The lines that a synthesis reports of some readers. */
function problemsOf(props: object, app: Partial<LitestreamAppProps> = {}): string[] {
  const tree = newApp();
  const stack = ownStack(tree);
  const of = new LitestreamApp(stack, "notes", { ...GOOD, replica: S3, ...app });
  new LitestreamReaders(stack, "readers", { of, ...props });
  const [, readers = ""] = failure(tree).split("own/readers\n");
  return readers
    .split("\n")
    .filter((line) => line.startsWith("  "))
    .map((line) => line.trim());
}

/** What an author writes wrong, and the one line that comes of it. */
const CASES: [string, object, string, Partial<LitestreamAppProps>?][] = [
  [
    "an app with a directory of databases",
    {},
    'of: "/data/tenants" is a directory of databases that come and go, and readers follow those they know. Declare the databases that are read by their paths.',
    { databases: ["/data/notes.db", { dir: "/data/tenants", pattern: "*.db", atMost: 5 }] },
  ],
  [
    "an app of version 0.3",
    {},
    'of: "0.3" is a version of Litestream whose replica can\'t be followed. Change the app to version "0.5" (docs/operations.md).',
    { version: "0.3", whenVolumeIsOlder: "keep", restoreIntegrityCheck: "none" },
  ],
  [
    "no app",
    { of: undefined },
    "of: is missing. Write the LitestreamApp whose databases are read.",
  ],
  [
    "the name of an app",
    { of: "notes" },
    'of: "notes" is not an app. Write the LitestreamApp whose databases are read.',
  ],
  [
    "no pods",
    { replicas: 0 },
    "replicas: 0 is not a number of pods. Write a whole number from 1, or leave the readers out.",
  ],
  [
    "half a pod",
    { replicas: 1.5 },
    "replicas: 1.5 is not a number of pods. Write a whole number from 1, or leave the readers out.",
  ],
  [
    "a lag without a unit",
    { maxLag: "10" },
    'maxLag: "10" is not a duration. Write a number with ms, s, m or h, for example "30s" or "24h".',
  ],
  [
    "a lag known at apply",
    { maxLag: expression },
    'maxLag: is known only at apply, but the pod is made by it. Write the duration itself, for example "30s".',
  ],
  [
    "a lag that is shorter than following takes",
    { maxLag: "2s" },
    'maxLag: "2s" is less than what a reader lags anyway, so that none would stay ready. Write "4s" or more.',
  ],
  [
    "a lag that is shorter than the app's sync interval",
    {},
    'maxLag: "10s" is less than what a reader lags anyway (it syncs every 1m), so that none would stay ready. Write "63s" or more.',
    { replica: { ...S3, syncInterval: "1m" } },
  ],
  [
    "a lag that is shorter than a database's monitor interval",
    {},
    'maxLag: "10s" is less than what a reader lags anyway, so that none would stay ready. Write "33s" or more.',
    { databases: [{ path: "/data/notes.db", settings: { monitorInterval: "30s" } }] },
  ],
  [
    "a stop that is no time",
    { stopTimeout: "soon" },
    'stopTimeout: "soon" is not a duration. Write a number with ms, s, m or h, for example "30s" or "24h".',
  ],
  [
    "a stop known at apply",
    { stopTimeout: expression },
    'stopTimeout: is known only at apply, but the pod is made by it. Write the duration itself, for example "30s".',
  ],
  [
    "no size",
    {},
    'sizeLimit: is missing, and isn\'t known of a claim made elsewhere. Write how much the databases may need, for example "10Gi".',
    { storage: Storage.existingClaim("mine") },
  ],
  [
    "a size that is none",
    { sizeLimit: "big" },
    'sizeLimit: "big" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],
  [
    "a file replica that another node can't have",
    {},
    "onNodeOfApp: is missing; the replica is on a claim that one node has for itself, so readers can run on the app's node only. Write true to accept that, or back up to S3 to have readers on other nodes.",
    { replica: Replica.file({ claim: { size: "5Gi" } }) },
  ],
  [
    "a file replica that another node can't have, denied",
    { onNodeOfApp: false },
    "onNodeOfApp: false is not possible; the replica is on a claim that one node has for itself, so readers can run on the app's node only. Write true to accept that, or back up to S3 to have readers on other nodes.",
    { replica: Replica.file({ claim: { size: "5Gi" } }) },
  ],
  [
    "a flag that is none",
    { onNodeOfApp: "yes" },
    "onNodeOfApp: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    "databases in a folder of the readers' own",
    {},
    'of: "/litestream-follower" meets a folder of the readers\' own (/litestream-follower, /run/litestream-readers). Mount the app\'s databases elsewhere, for example at "/data".',
    { databases: ["/litestream-follower/notes.db"] },
  ],
  [
    "an image without a tag",
    { image: "nginx" },
    'image: "nginx" is not an image with a tag. Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".',
  ],
  [
    "a port that is none",
    { port: 0 },
    "port: 0 is not a port. Write a whole number from 1 to 65535.",
  ],
  [
    "the port of the metrics",
    { port: 9090 },
    "port: 9090 is the port of Litestream's metrics. Move those: metricsPort: 9091.",
  ],
  [
    "an environment that is none",
    { env: { "A-B": "1" } },
    'env.A-B: is not the name of an environment variable. Write letters, digits and "_", not beginning with a digit.',
  ],
  [
    "a probe that is none",
    { probes: { readiness: "/up" } },
    'probes.readiness: "/up" is not a probe. Write Probe.httpGet("/health"), Probe.tcpSocket() or Probe.exec(["command"]).',
  ],
  [
    "resources that are none",
    { followerResources: { limits: { memory: "lots" } } },
    'followerResources.limits.memory: "lots" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],
  [
    "a name that is no label",
    { name: "Notes_Readers" },
    'name: "Notes_Readers" is not a DNS label. Write at most 52 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "notes-readers".',
  ],
];

for (const [title, props, line, app] of CASES)
  test(title, () => {
    expect(problemsOf(props, app)).toEqual([line]);
  });

test("a mistyped prop", () => {
  expect(problemsOf({ maxLags: "10s" })[0]).toMatch(/^maxLags: is unknown\. Take one of of, name,/);
});

test("a prop of another type than its own", () => {
  expect(problemsOf({ env: null })).toEqual([
    expect.stringMatching(/^props: can't be read: .* npx tsc --noEmit says which\.$/),
  ]);
});

test("no props at all", () => {
  const tree = newApp();
  new LitestreamReaders(ownStack(tree), "readers", undefined as never);
  expect(failure(tree)).toContain("of: is missing.");
});

test("what is wrong with the app is said there only", () => {
  const tree = newApp();
  const stack = ownStack(tree);
  const of = new LitestreamApp(stack, "notes", {
    ...GOOD,
    replica: S3,
    databases: undefined,
  } as never);
  new LitestreamReaders(stack, "readers", { of });
  expect(failure(tree)).not.toContain("own/readers");
});

test("readers called like their app, and two of one name", () => {
  const tree = newApp();
  const stack = ownStack(tree);
  const of = new LitestreamApp(stack, "notes", { ...GOOD, replica: S3 });
  new LitestreamReaders(stack, "same", { of, name: "notes" });
  new LitestreamReaders(stack, "first", { of });
  new LitestreamReaders(stack, "second", { of });
  const text = failure(tree);
  expect(text).toContain(
    'name: "notes/notes" is the kubernetes_stateful_set_v1 of own/notes/workload (name) already',
  );
  expect(text).toContain(
    'name: "notes/notes-readers" is the kubernetes_service_v1 of own/first/service (name) already',
  );
});
