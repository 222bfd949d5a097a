import { LitestreamApp, Replica, Secret, SqliteStack, Storage, summary, synthesize } from "../src";
import { GOOD, newApp } from "./support/synth";

const S3 = {
  bucket: "backups",
  path: "notes",
  endpoint: "https://s3.example.com",
  credentials: Secret.existing("keys"),
};

function tree() {
  const app = newApp();
  new LitestreamApp(new SqliteStack(app, "one"), "notes", GOOD);
  new LitestreamApp(new SqliteStack(app, "two"), "wiki", {
    ...GOOD,
    storage: Storage.ephemeral({ sizeLimit: "3Gi", expectedDatabaseSize: "1Gi" }),
    replica: Replica.s3(S3),
    restoreFrom: Replica.file({ existingClaim: "old", path: "wiki" }),
    whenNoBackup: "refuse",
    volumes: [{ mountPath: "/uploads", storage: Storage.existingClaim("uploads") }],
    disposable: true,
  });
  return app;
}

test("tells of the first stack where the data and the backup live, and what comes next", () => {
  const text = summary(tree());
  for (const line of [
    "one: 4 resources, written to ",
    "  notes, in namespace notes",
    "    databases      /data/notes.db",
    "    lie on         volume claim data-notes-0 of 1Gi, kept when the app is destroyed",
    "    backed up to   volume claim replica-notes-0; a snapshot every 24h, kept for 336h",
    "    not backed up  everything else in /data (uploads, the app's own backups)",
    "    no backup yet  the app starts with an empty database",
    "    deploy         npx cdktf deploy one",
    "    watch          kubectl -n notes rollout status statefulset/notes",
    "Also synthesized: two. Its summary: npm start -- two",
  ])
    expect(text).toContain(line);
});

test("tells of the stack that is named", () => {
  const text = summary(tree(), ["two"]);
  for (const line of [
    "    lie on         the node, gone with the pod; restored at every start; 3Gi at most",
    "    backed up to   S3 bucket backups, folder notes at https://s3.example.com; a snapshot every 24h",
    "    not backed up  everything else in /data (uploads, the app's own backups); /uploads, on volume claim uploads, made elsewhere",
    "    no backup yet  the app doesn't start",
    "    starts from    volume claim old, folder wiki",
  ])
    expect(text).toContain(line);
  expect(text).not.toContain("replica-notes-0");
});

describe("synthesize", () => {
  const log = jest.spyOn(console, "log").mockImplementation();
  const error = jest.spyOn(console, "error").mockImplementation();
  beforeEach(() => jest.clearAllMocks());
  afterEach(() => (process.exitCode = undefined));

  test("writes and tells", () => {
    synthesize(tree());
    expect(log).toHaveBeenCalledWith(expect.stringContaining("one: 4 resources"));
    expect(process.exitCode).toBeUndefined();
  });

  test("says what is wrong, without a stack trace, and fails", () => {
    const app = newApp();
    new LitestreamApp(new SqliteStack(app, "one"), "notes", { ...GOOD, port: 0 });
    synthesize(app);
    expect(error).toHaveBeenCalledWith(
      expect.stringMatching(
        /1 problem found; nothing was written\.\n\none\/notes\n {2}port: 0 is not a port\.[^\n]*\s*$/,
      ),
    );
    expect(process.exitCode).toBe(1);
  });

  test("a stack that isn't there", () => {
    synthesize(tree(), ["three"]);
    expect(error).toHaveBeenCalledWith('There is no stack "three". There are one, two.');
    expect(process.exitCode).toBe(1);
  });

  test("any other fault is thrown", () => {
    const app = tree();
    jest.spyOn(app, "synth").mockImplementation(() => {
      throw new Error("disk full");
    });
    expect(() => synthesize(app)).toThrow("disk full");
  });
});
