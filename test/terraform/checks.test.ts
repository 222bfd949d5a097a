import { readdirSync } from "node:fs";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { LitestreamApp, Namespace, Replica, SqliteStack, Storage, variable } from "../../src";
import { failure, good, GOOD, newApp, ownStack } from "../support/synth";

test("all problems of all stacks come in one error, and nothing is written", () => {
  const app = newApp();
  new LitestreamApp(new SqliteStack(app, "first"), "good", GOOD);
  const second = new SqliteStack(app, "second");
  new LitestreamApp(second, "one", { ...good("one"), port: 0 });
  new LitestreamApp(second, "two", { ...good("two"), databases: [] });
  const group = new Construct(app, "group");
  new LitestreamApp(new SqliteStack(group, "third"), "three", { ...GOOD, image: "none", user: 0 });

  const message = failure(app);

  expect(message).toContain("4 problems found; nothing was written.");
  expect(message).toContain("second/one\n  port: 0 is not a port.");
  expect(message).toContain("second/two\n  databases: []");
  expect(message).toContain('group/third/three\n  image: "none" is not an image with a tag.');
  expect(message).toContain("user: 0 is root");
  expect(message).not.toContain("good");
});

test("a stack that comes to stand first after the checks were made still reports them", () => {
  const app = newApp();
  const early = new Construct(app, "early");
  new LitestreamApp(new SqliteStack(new Construct(app, "late"), "later"), "bad", {
    ...GOOD,
    port: -1,
  });
  new LitestreamApp(new SqliteStack(early, "first"), "good", GOOD);
  expect(failure(app)).toContain("late/later/bad\n  port: -1 is not a port.");
});

test("a tree without problems is written", () => {
  const app = newApp();
  new LitestreamApp(new SqliteStack(app, "only"), "notes", GOOD);
  app.synth();
  expect(readdirSync(app.outdir).sort()).toEqual(["manifest.json", "stacks"]);
});

describe("two writers on one replica path", () => {
  const onS3 = (bucket: string, path: string) => ({
    ...GOOD,
    name: undefined,
    replica: Replica.s3({ bucket, path, credentials: { name: "s3" } }),
  });

  test("are refused, in other stacks too", () => {
    const app = newApp();
    new LitestreamApp(new SqliteStack(app, "a"), "notes", onS3("backups", "notes"));
    new LitestreamApp(new SqliteStack(app, "b"), "copy", onS3("backups", "notes"));
    expect(failure(app)).toContain(
      'b/copy\n  databases[0]: "/data/notes.db" is the replica path of a/notes (databases[0]) already. Give one of the two another path in its replica, or its database another replicaPath.',
    );
  });

  test("are told apart by bucket, folder, claim and namespace", () => {
    const app = newApp();
    const stack = new SqliteStack(app, "a");
    new LitestreamApp(stack, "one", onS3("backups", "one"));
    new LitestreamApp(stack, "two", onS3("backups", "two"));
    new LitestreamApp(stack, "three", onS3("others", "one"));
    new LitestreamApp(stack, "four", good("four"));
    new LitestreamApp(stack, "five", good("five"));
    const shared = Replica.file({ existingClaim: "shared", path: "notes" });
    new LitestreamApp(stack, "six", { ...good("six"), replica: shared });
    new LitestreamApp(stack, "seven", { ...good("seven"), namespace: "other", replica: shared });
    expect(() => app.synth()).not.toThrow();
  });

  test("are found behind the same variable", () => {
    const app = newApp();
    for (const id of ["a", "b"]) {
      const stack = new SqliteStack(app, id);
      const bucket = variable(stack, "bucket", { type: "string" });
      new LitestreamApp(stack, "notes", onS3(bucket.stringValue, "notes"));
    }
    expect(failure(app)).toContain("is the replica path of a/notes (databases[0]) already");
  });

  test("are found on one existing claim", () => {
    const app = newApp();
    const stack = new SqliteStack(app, "a");
    const replica = Replica.file({ existingClaim: "shared" });
    new LitestreamApp(stack, "one", { ...good("one"), replica });
    new LitestreamApp(stack, "two", { ...good("two"), replica });
    expect(failure(app)).toContain("is the replica path of a/one (databases[0]) already");
  });
});

test.each([
  [
    "a claim that another app's backup is on",
    { replica: Replica.file({ existingClaim: "replica-one-0" }) },
    "replica path",
  ],
  [
    "a name in capitals",
    {
      replica: Replica.s3({
        bucket: "b-c-d",
        path: "one",
        endpoint: "http://MINIO:9000/",
        credentials: { name: "s3" },
      }),
    },
    "replica path",
  ],
  [
    "AWS with and without its address",
    { replica: Replica.s3({ bucket: "a-b-c", path: "one", credentials: { name: "s3" } }) },
    "replica path",
  ],
  [
    "one file of an existing claim",
    {
      storage: Storage.existingClaim("shared"),
      replica: Replica.s3({ bucket: "x-y-z", path: "two", credentials: { name: "s3" } }),
    },
    "file",
  ],
])("what two apps must not share is found: %s", (_, props, what) => {
  const app = newApp();
  const stack = new SqliteStack(app, "a");
  const s3 = (bucket: string, endpoint?: string) =>
    Replica.s3({ bucket, path: "one", endpoint, credentials: { name: "s3" } });
  new LitestreamApp(stack, "one", good("one"));
  new LitestreamApp(stack, "lower", {
    ...good("lower"),
    replica: s3("b-c-d", "http://minio:9000"),
  });
  new LitestreamApp(stack, "aws", {
    ...good("aws"),
    replica: s3("a-b-c", "https://s3.eu-central-1.amazonaws.com"),
  });
  new LitestreamApp(stack, "first", { ...good("first"), storage: Storage.existingClaim("shared") });
  new LitestreamApp(stack, "last", { ...good("last"), ...props });
  expect(failure(app)).toMatch(
    new RegExp(
      `1 problem found[^]*a/last\n  databases\\[0\\]: "/data/notes.db" is the ${what} of a/`,
    ),
  );
});

test("one app in two clusters, a stack for each, shares nothing", () => {
  const app = newApp();
  for (const id of ["eu", "us"]) new LitestreamApp(new SqliteStack(app, id), "notes", GOOD);
  expect(() => app.synth()).not.toThrow();
});

test("two claims of one name are refused", () => {
  const app = newApp();
  const stack = new SqliteStack(app, "a");
  const volume = (mountPath: string) => ({
    volumes: [{ mountPath, storage: Storage.claim({ size: "1Gi" }) }],
  });
  new LitestreamApp(stack, "b-c", { ...good("b-c"), ...volume("/a") });
  new LitestreamApp(stack, "c", { ...good("c"), ...volume("/a/b") });
  expect(failure(app)).toContain(
    'name: "c" is the claim of a/b-c (name) already. Give one of the two apps another name: a claim is called after a volume and its app.',
  );
});

test("two namespaces of one id are refused", () => {
  const app = newApp();
  const stack = new SqliteStack(app, "a");
  new Namespace(stack, "apps");
  new Namespace(new Construct(stack, "inner"), "apps", { name: "others" });
  expect(failure(app)).toContain(
    'id: "apps" is the kubernetes_namespace_v1 called apps in Terraform of a/apps/namespace (id) already. Give one of the two constructs another id.',
  );
});

test("two objects of one name in one stack are refused", () => {
  const app = newApp();
  const stack = new SqliteStack(app, "a");
  new Namespace(stack, "one", { name: "notes" });
  new Namespace(stack, "two", { name: "notes" });
  expect(failure(app)).toContain(
    'name: "notes" is the kubernetes_namespace_v1 of a/one/namespace (name) already.',
  );
});

test("a stack that doesn't pin the provider is told so, once", () => {
  const app = newApp();
  const stack = new TerraformStack(app, "mine");
  stack.addOverride("provider.kubernetes", [{}]);
  new LitestreamApp(stack, "one", good("one"));
  new LitestreamApp(stack, "two", good("two"));
  const message = failure(app);
  expect(message.match(/provider:/g)).toHaveLength(1);
  expect(message).toContain(
    'mine\n  provider: "hashicorp/kubernetes 2.38.0" has no native sidecars, so the last writes would be lost at every restart. Call pinKubernetesProvider(this) in the stack\'s constructor, or extend SqliteStack.',
  );
  const pinned = newApp();
  new LitestreamApp(ownStack(pinned), "one", good("one"));
  expect(() => pinned.synth()).not.toThrow();
});
