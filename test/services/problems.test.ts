import { Construct } from "constructs";
import {
  BackupBucket,
  BackupUser,
  type BackupUserProps,
  BackupVerification,
  HealthchecksChannel,
  HealthchecksProvider,
  LitestreamApp,
  LocalStateStack,
  MinioProvider,
  Schedule,
  SqliteStack,
  variable,
  VerificationCheck,
  type VerificationCheckProps,
} from "../../src";
import { failure, GOOD, newApp } from "../support/synth";

const text = (scope: Construct, name: string) =>
  variable(scope, name, { type: "string" }).stringValue;

/** The lines that a synthesis reports. */
function reported(declare: (stack: LocalStateStack) => void): string[] {
  const app = newApp();
  declare(new LocalStateStack(app, "own"));
  return failure(app)
    .split("\n")
    .filter((line) => line.startsWith("  ") && !line.includes("nothing was written"))
    .map((line) => line.trim());
}

const FOLDER = 'Write the path of the app\'s replica, for example "notes" or "home/notes".';
const ENDS = 'is not a folder: names joined by "/", with none at its ends';
const MEANING = "has a character that means something else in a policy";
const PLAIN =
  'Leave out "*", "?", "$", quotes, backslashes, and what isn\'t ASCII, here and in the replica.';
const KEY =
  "secretKey: is not a secret key of MinIO. Write 8 to 40 ASCII characters without white space, for example those of: openssl rand -hex 20.";
const USER = 'is not a user\'s name. Write 3 to 64 letters, digits, ".", "@", "_", "+" and "-".';
const BUCKET =
  'is not a bucket\'s name. Write 3 to 63 lower-case letters, digits, "." and "-", for example "backups".';
const FLAG = "is neither true nor false at synth. Write true or false itself.";
const REVISION = "Write 1, and another number at each rotation; usually a variable.";

describe("a user", () => {
  test.each<[string, object, string]>([
    ["no folder", { path: undefined }, `path: is missing. ${FOLDER}`],
    [
      "an empty folder",
      { path: "" },
      `path: "" is empty: the user would get at every app's backup. ${FOLDER}`,
    ],
    ["a slash before", { path: "/notes" }, `path: "/notes" ${ENDS}. ${FOLDER}`],
    ["a slash behind", { path: "notes/" }, `path: "notes/" ${ENDS}. ${FOLDER}`],
    ["two slashes", { path: "a//b" }, `path: "a//b" ${ENDS}. ${FOLDER}`],
    [
      "the folder above",
      { path: "a/../b" },
      `path: "a/../b" has "." or ".." in it, which S3 takes for names. ${FOLDER}`,
    ],
    ["a star", { path: "*" }, `path: "*" ${MEANING}. ${PLAIN}`],
    ["a star in it", { path: "home/*" }, `path: "home/*" ${MEANING}. ${PLAIN}`],
    ["a question mark", { path: "note?" }, `path: "note?" ${MEANING}. ${PLAIN}`],
    [
      "a variable of the policy",
      { path: "${aws:username}" },
      `path: "\${aws:username}" ${MEANING}. ${PLAIN}`,
    ],
    ["a quote", { path: 'a"b' }, `path: "a\\"b" ${MEANING}. ${PLAIN}`],
    ["an umlaut", { path: "bücher" }, `path: "bücher" ${MEANING}. ${PLAIN}`],
    ["a short name", { name: "ab" }, `name: "ab" ${USER}`],
    ["a number as a name", { name: 5 }, `name: 5 ${USER}`],
    ["a name with a comma", { name: "a,b" }, `name: "a,b" ${USER}`],
    ["no key", { secretKey: undefined }, KEY.replace("is not a secret key of MinIO", "is missing")],
    // The key itself isn't shown.
    ["a short key", { secretKey: "1234567" }, KEY],
    ["a key with a line break", { secretKey: "12345678\n" }, KEY],
    ["a long key", { secretKey: "a".repeat(41) }, KEY],
    [
      "no revision",
      { revision: undefined },
      `revision: is missing, and without it a new key would never be written. ${REVISION}`,
    ],
    ["revision 0", { revision: 0 }, `revision: 0 is not a whole number from 1. ${REVISION}`],
    ["a word as a right", { mayDelete: "no" }, `mayDelete: ${FLAG}`],
    [
      "a mistyped prop",
      { prefix: "notes" },
      "prefix: is unknown. Take one of bucket, path, name, secretKey, revision, mayDelete, provider.",
    ],
    [
      "no bucket",
      { bucket: undefined },
      `bucket: is missing. Write 3 to 63 lower-case letters, digits, "." and "-", for example "backups".`,
    ],
    ["a bucket and a folder", { bucket: "backups/x" }, `bucket: "backups/x" ${BUCKET}`],
  ])("%s", (_, props, expected) => {
    const good = { bucket: "backups", path: "notes", secretKey: "0123456789", revision: 1 };
    expect(
      reported((stack) => new BackupUser(stack, "notes", { ...good, ...props } as BackupUserProps)),
    ).toEqual([expected]);
  });

  test("a folder known only at apply", () => {
    expect(
      reported((stack) => {
        const path = text(stack, "path");
        new BackupUser(stack, "notes", {
          bucket: "backups",
          path,
          secretKey: "0123456789",
          revision: 1,
        });
      }),
    ).toEqual([
      'path: is known only at apply, but says what the user may touch. Write the folder itself, for example "notes".',
    ]);
  });

  const OWN =
    "Give each app a folder of its own, none inside another's: what one may delete, no other should.";
  test.each([
    ["the same folder", "home/notes", "home/notes", "home/notes"],
    ["a folder inside", "home/notes", "home/notes/old", "home/notes/old"],
    ["a folder around", "home/notes", "home", "home"],
  ])("two of them, %s", (_, one, two, value) => {
    expect(
      reported((stack) => {
        const bucket = new BackupBucket(stack, "backups", { name: text(stack, "bucket") });
        const user = (id: string, path: string) =>
          new BackupUser(stack, id, { bucket, path, secretKey: text(stack, "key"), revision: 1 });
        user("one", one);
        user("two", two);
      }),
    ).toEqual([`path: "${value}" is the folder of own/one (path) already. ${OWN}`]);
  });

  test("two of one name", () => {
    const lines = reported((stack) => {
      for (const id of ["one", "two"])
        new BackupUser(stack, id, {
          bucket: "backups",
          name: "notes",
          path: id,
          secretKey: "0123456789",
          revision: 1,
        });
    });
    expect(lines).toContain(
      'name: "notes" is the minio_iam_user of own/one/user (name) already. Give one of the two another name.',
    );
  });

  test("folders side by side, and the same in two buckets, are nobody else's", () => {
    const app = newApp();
    const stack = new LocalStateStack(app, "own");
    const user = (id: string, bucket: string, path: string) =>
      new BackupUser(stack, id, { bucket, path, secretKey: "0123456789", revision: 1 });
    user("one", "backups", "notes");
    user("two", "backups", "notes-old");
    user("three", "others", "notes");
    expect(() => app.synth()).not.toThrow();
  });
});

describe("a bucket", () => {
  test.each<[string, object, string]>([
    ["a number", { name: 5 }, `name: 5 ${BUCKET}`],
    ["capitals", { name: "Backups" }, `name: "Backups" ${BUCKET}`],
    ["an underscore", { name: "my_backups" }, `name: "my_backups" ${BUCKET}`],
    ["two letters", { name: "ab" }, `name: "ab" ${BUCKET}`],
    ["an address", { name: "10.0.0.1" }, `name: "10.0.0.1" ${BUCKET}`],
    ["two dots", { name: "a..b" }, `name: "a..b" ${BUCKET}`],
    ["a word as a flag", { disposable: "yes" }, `disposable: ${FLAG}`],
    [
      "what would delete every backup",
      { forceDestroy: true },
      "forceDestroy: is unknown. Take one of name, disposable, provider.",
    ],
  ])("%s", (_, props, expected) => {
    expect(reported((stack) => new BackupBucket(stack, "backups", props))).toEqual([expected]);
  });

  test("two of one name, which only Terraform knows", () => {
    expect(
      reported((stack) => {
        new BackupBucket(stack, "one", { name: text(stack, "bucket") });
        new BackupBucket(stack, "two", { name: text(stack, "bucket") });
      }),
    ).toEqual([
      expect.stringMatching(
        /^name: ".*" is the bucket of own\/one \(name\) already. Give one of the two another name, or use one construct for both.$/,
      ),
    ]);
  });

  test("two at one address", () => {
    expect(
      reported((stack) => {
        new BackupBucket(stack, "backups", { name: "first" });
        new BackupBucket(new Construct(stack, "other"), "backups", { name: "second" });
      }),
    ).toEqual([
      'id: "backups" is the minio_s3_bucket called backups in Terraform of own/backups (id) already. Give one of the two constructs another id.',
    ]);
  });
});

describe("a check", () => {
  const declared = (
    change: (proof: BackupVerification, channel: HealthchecksChannel) => object,
    schedule?: Schedule,
  ) =>
    reported((stack) => {
      const apps = new SqliteStack(stack.node.root, "apps");
      const of = new BackupVerification(apps, "verify", {
        of: new LitestreamApp(apps, "notes", GOOD),
        schedule,
      });
      const channel = new HealthchecksChannel(stack, "email", { kind: "email" });
      const props = { of, channels: [channel], ...change(of, channel) };
      new VerificationCheck(stack, "check", props as VerificationCheckProps);
    });
  const CHANNELS =
    'Write [new HealthchecksChannel(this, "email", { kind: "email" })], or [] to tell nobody.';
  const GRACE =
    "is not a time that healthchecks would wait. Write seconds, from 60 (a minute) to 31536000 (a year).";

  test.each<[string, (proof: BackupVerification) => object, string]>([
    ["no proof", () => ({ of: undefined }), "of: is missing. Write the BackupVerification."],
    [
      "an app",
      ({ props }) => ({ of: props.of }),
      "of: has no schedule. Write the BackupVerification.",
    ],
    ["no channels", () => ({ channels: undefined }), `channels: is missing. ${CHANNELS}`],
    ["a name", () => ({ channels: ["email"] }), `channels: is not a list of channels. ${CHANNELS}`],
    ["a grace of half a minute", () => ({ grace: 30 }), `grace: 30 ${GRACE}`],
    ["a grace of two years", () => ({ grace: 63072000 }), `grace: 63072000 ${GRACE}`],
    ["a grace with a unit", () => ({ grace: "6h" }), `grace: "6h" ${GRACE}`],
    [
      "a number as a name",
      () => ({ name: 5 }),
      `name: 5 is not a check's name. Write 1 to 100 characters.`,
    ],
    ["no name", () => ({ name: "" }), `name: "" is not a check's name. Write 1 to 100 characters.`],
    [
      "a tag of two words",
      () => ({ tags: ["home", "my server"] }),
      'tags[1]: "my server" is not a tag. Write one word; healthchecks takes what stands behind a space for another.',
    ],
    [
      "a mistyped prop",
      () => ({ timeout: 60 }),
      "timeout: is unknown. Take one of of, name, channels, grace, tags, provider.",
    ],
  ])("%s", (_, change, expected) => {
    expect(declared(change)).toEqual([expected]);
  });

  test.each([
    [
      Schedule.cron("0 2 */2 * 6"),
      'of.schedule.cron: "0 2 */2 * 6" restricts days of the month and of the week, which Kubernetes and healthchecks combine differently where one of them begins with a star. Write days of the one or the other, for example "0 2 * * 6".',
    ],
    [
      Schedule.weekly({ timeZone: "Europe/Kiev" }),
      'of.schedule.timeZone: "Europe/Kiev" is an old name, which healthchecks replaces: each plan would want to change it back. Write the city\'s present name in the tz database, for example "Europe/Kyiv" or "America/New_York".',
    ],
  ])("a schedule that healthchecks takes otherwise: %j", (schedule, expected) => {
    expect(declared(() => ({}), schedule)).toEqual([expected]);
  });

  test("what is wrong with the proof is said of the proof alone", () => {
    const lines = declared(() => ({}), "weekly" as unknown as Schedule);
    expect(lines.every((line) => line.startsWith("schedule"))).toBe(true);
  });
});

describe("what is wrong with a provider or an integration is said", () => {
  const GIVEN = "is missing. Write it, or give it a variable.";
  const HOST = 'Leave out "https://" and any path, for example "minio.lan:9000".';
  const minio = { server: "minio.lan:9000", user: "admin", password: "password" };

  test.each<[string, object, string[]]>([
    [
      "a URL",
      { server: "https://minio.lan" },
      [`server: "https://minio.lan" is not a host and port. ${HOST}`],
    ],
    ["no server", { server: undefined }, [`server: is missing. ${HOST}`]],
    ["nobody", { user: "", password: undefined }, [`user: ${GIVEN}`, `password: ${GIVEN}`]],
    [
      "a mistyped prop",
      { tls: true },
      ["tls: is unknown. Take one of server, user, password, region, ssl, alias."],
    ],
  ])("MinIO: %s", (_, change, expected) => {
    expect(reported((stack) => new MinioProvider(stack, "minio", { ...minio, ...change }))).toEqual(
      expected,
    );
  });

  test("healthchecks: no key, and a mistyped prop", () => {
    const props = { apiKey: "", url: "https://hc.example.com" };
    expect(reported((stack) => new HealthchecksProvider(stack, "healthchecks", props))).toEqual([
      "url: is unknown. Take one of apiKey, apiUrl, alias.",
      `apiKey: ${GIVEN}`,
    ]);
  });

  test("an integration without a kind", () => {
    const props = { kind: undefined as unknown as string };
    expect(reported((stack) => new HealthchecksChannel(stack, "email", props))).toEqual([
      `kind: ${GIVEN}`,
    ]);
  });
});
