import {
  BackupBucket,
  BackupUser,
  BackupVerification,
  HealthchecksChannel,
  HealthchecksProvider,
  LitestreamApp,
  LocalStateStack,
  MinioProvider,
  SqliteStack,
  summary,
  variable,
  VerificationCheck,
} from "../../src";
import { GOOD, newApp, synthesized } from "../support/synth";

function made(declare: (stack: LocalStateStack) => void): Record<string, any> {
  const app = newApp();
  declare(new LocalStateStack(app, "own"));
  return synthesized(app);
}

const provider = (stack: LocalStateStack, alias?: string) =>
  new MinioProvider(stack, alias ?? "minio", {
    server: "minio.lan:9000",
    user: "admin",
    password: "of-the-test",
    alias,
  });

test("providers: their sources, pinned to what was tried, and TLS unless refused", () => {
  const json = made((stack) => {
    provider(stack);
    new HealthchecksProvider(stack, "healthchecks", { apiKey: "key" });
  });
  expect(json.terraform.required_providers).toEqual({
    minio: { source: "aminueza/minio", version: "~> 3.40" },
    healthchecksio: { source: "kristofferahl/healthchecksio", version: "~> 2.3" },
  });
  expect(json.provider).toEqual({
    minio: [
      {
        minio_server: "minio.lan:9000",
        minio_user: "admin",
        minio_password: "of-the-test",
        minio_region: "us-east-1",
        minio_ssl: true,
      },
    ],
    healthchecksio: [{ api_key: "key", api_url: "https://healthchecks.io/api/v1" }],
  });
});

test("the state is a file beside cdktf.json", () => {
  const json = made((stack) => provider(stack));
  expect(json.terraform.backend).toEqual({ local: { path: "../../../terraform.own.tfstate" } });
});

test("a bucket: guarded, at the address of its construct, and without force_destroy", () => {
  const json = made((stack) => {
    provider(stack);
    new BackupBucket(stack, "backups", {
      name: variable(stack, "bucket", { type: "string" }).stringValue,
    });
    new BackupBucket(stack, "trial", { disposable: true });
  });
  const { backups, trial } = json.resource.minio_s3_bucket;
  expect(backups).toMatchObject({
    bucket: "${var.bucket}",
    lifecycle: { prevent_destroy: true },
  });
  expect(backups).not.toHaveProperty("force_destroy");
  expect(trial).toMatchObject({ bucket: "trial" });
  expect(trial).not.toHaveProperty("lifecycle");
});

describe("a user", () => {
  const user = (change: object = {}) =>
    made((stack) => {
      provider(stack);
      const bucket = new BackupBucket(stack, "backups");
      new BackupUser(stack, "notes", {
        bucket,
        path: "home/notes",
        secretKey: variable(stack, "key", { type: "string", ephemeral: true }).stringValue,
        revision: variable(stack, "revision", { type: "number" }).numberValue,
        ...change,
      });
    }).resource;

  test("its key is only ever written, and refused where it is none", () => {
    const { "//": _, ...notes } = user().minio_iam_user.notes;
    expect(notes).toEqual({
      name: "notes",
      secret_wo: "${var.key}",
      secret_wo_version: "${var.revision}",
      lifecycle: {
        precondition: [
          {
            condition: '${can(regex("^[!-~]{8,40}$", var.key))}',
            error_message:
              "The secret key of notes is missing or isn't one. Write 8 to 40 ASCII characters without white space, for example those of: openssl rand -hex 20.",
          },
        ],
      },
    });
  });

  test("a key that is known needs no condition: it was looked at", () => {
    expect(user({ secretKey: "0123456789" }).minio_iam_user.notes).not.toHaveProperty("lifecycle");
  });

  test("its policy has a name that MinIO gives to none of its own", () => {
    const { minio_iam_policy: policy, minio_iam_user_policy_attachment: attachment } = user();
    expect(policy.notes).toMatchObject({
      name: "notes-backup",
      depends_on: ["minio_s3_bucket.backups"],
    });
    expect(JSON.parse(policy.notes.policy).Statement[1].Resource).toEqual([
      "arn:aws:s3:::backups/home/notes/*",
    ]);
    expect(attachment.notes).toMatchObject({
      user_name: "notes",
      policy_name: "notes-backup",
      depends_on: ["minio_iam_user.notes", "minio_iam_policy.notes"],
    });
  });

  test("may delete unless that is refused", () => {
    expect(user().minio_iam_policy.notes.policy).toContain('"s3:DeleteObject"');
    expect(user({ mayDelete: false }).minio_iam_policy.notes.policy).not.toContain(
      '"s3:DeleteObject"',
    );
  });

  test("is made by the bucket's provider", () => {
    const json = made((stack) => {
      provider(stack);
      const bucket = new BackupBucket(stack, "backups", { provider: provider(stack, "second") });
      const secretKey = variable(stack, "key", { type: "string" }).stringValue;
      new BackupUser(stack, "notes", { bucket, path: "notes", secretKey, revision: 1 });
    });
    for (const type of ["minio_iam_user", "minio_iam_policy", "minio_iam_user_policy_attachment"])
      expect(Object.values<any>(json.resource[type])[0].provider).toBe("minio.second");
    expect(json.provider.minio[1].alias).toBe("second");
  });
});

describe("a check", () => {
  function check(change: object = {}) {
    const app = newApp();
    const stack = new LocalStateStack(app, "own");
    const apps = new SqliteStack(app, "apps");
    const of = new BackupVerification(apps, "verify", {
      of: new LitestreamApp(apps, "notes", GOOD),
      deadline: "30m",
    });
    new HealthchecksProvider(stack, "healthchecks", { apiKey: "key" });
    const email = new HealthchecksChannel(stack, "email", { kind: "email", name: "me" });
    const one = new VerificationCheck(stack, "check", { of, channels: [email], ...change });
    return { app, one };
  }

  test("waits as the CronJob runs, so long as it may take", () => {
    const { app } = check();
    const json: any = synthesized(app);
    const { "//": _, ...notes } = json.resource.healthchecksio_check["notes-verify"];
    expect(notes).toEqual({
      name: "notes-verify",
      desc: "CronJob notes-verify in namespace notes",
      schedule: "0 2 * * 6",
      timezone: "Etc/UTC",
      grace: 6 * 3600 + 30 * 60 + 5 * 60,
      methods: "POST",
      channels: ["${data.healthchecksio_channel.email.id}"],
    });
    expect(json.data.healthchecksio_channel.email).toMatchObject({
      kind: "email",
      name: "me",
      lifecycle: { postcondition: [{ condition: '${can(regex("^.{36}$", self.id))}' }] },
    });
  });

  test("what is said of it", () => {
    const { app, one } = check({ name: "the backup of ${notes}", grace: 90, tags: ["home"] });
    const json: any = synthesized(app);
    expect(Object.values(json.resource.healthchecksio_check)[0]).toMatchObject({
      name: "the backup of $${notes}",
      grace: 90,
      tags: ["home"],
    });
    expect(one.summary()).toEqual([
      ["waits for", "CronJob notes-verify in namespace notes"],
      ["at", "0 2 * * 6 (Etc/UTC)"],
      ["alarms after", "1 min 30 s"],
    ]);
  });

  test("one that tells nobody says so", () => {
    expect(check({ channels: [] }).one.summary()).toContainEqual([
      "tells",
      "nobody: it has no channels",
    ]);
  });
});

test("the summary tells of what is outside the cluster", () => {
  const app = newApp();
  const stack = new LocalStateStack(app, "own");
  const bucket = new BackupBucket(stack, "backups", { disposable: true });
  const secretKey = variable(stack, "key", { type: "string" }).stringValue;
  new BackupUser(stack, "notes", {
    bucket,
    path: "home/notes",
    secretKey,
    revision: 1,
    mayDelete: false,
  });
  const text = summary(app);
  for (const line of [
    "own: 4 resources, written to ",
    "  bucket backups",
    "    deleted        by terraform destroy, once it is empty",
    "  user notes",
    "    gets at        home/notes/, and nothing else",
    "    may            list, read, write; not delete",
    "    then           terraform output: what the apps' stack takes (docs/services.md)",
  ])
    expect(text).toContain(line);
});
