import { mkdirSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { Backup, syncing, withLitestream } from "./support/source";

jest.setTimeout(30_000);

const TENANTS = { dir: "tenants", pattern: "*.db", atMost: 10 };

withLitestream("an app whose metrics can't be read", () => {
  test.each<[string, (response: ServerResponse) => void, string]>([
    [
      "as they are an error",
      (response) => response.writeHead(500).end("litestream_txid 1"),
      "the answer isn't Litestream's metrics",
    ],
    [
      "as something else answers",
      (response) => response.socket?.end("220 smtp.example.com\r\n"),
      "the answer isn't Litestream's metrics",
    ],
    [
      "as nothing listens any more",
      (response) => response.socket?.destroy(),
      "the answer isn't Litestream's metrics",
    ],
    ["as no answer ever comes", () => undefined, "no answer in time"],
  ])(
    "%s, fails, and its backup is restored and checked nevertheless",
    async (_, answer, why) => {
      const backup = new Backup(["a.db"]);
      backup.write("a.db");
      backup.sync();
      backup.metrics = () => answer;
      const { databases, messages } = await backup.prove();
      expect(messages["a.db"]).toBe(
        `freshness: the app's metrics can't be read, so nobody knows how far the app is: ${why}`,
      );
      expect(databases[0].steps.map(({ outcome }: any) => outcome)).toEqual([
        "passed",
        "passed",
        "failed",
      ]);
    },
    30_000,
  );

  test("as nobody listens, is waited for and fails", async () => {
    const backup = new Backup(["a.db"]);
    backup.write("a.db");
    backup.sync();
    const { messages, took } = await backup.prove({
      SOURCE_METRICS: "127.0.0.1:1",
      SOURCE_PATIENCE_SECONDS: "2",
    });
    expect(messages["a.db"]).toMatch(/^freshness: the app's metrics can't be read, .*refused/);
    expect(took).toBeGreaterThan(2);
  });

  test("at first, as its pod is being replaced, is waited for and proven", async () => {
    const backup = new Backup(["a.db"]);
    backup.write("a.db");
    const txid = backup.sync("a.db");
    backup.metrics = (index) =>
      index < 2
        ? (response) => response.writeHead(503).end()
        : syncing({ "a.db": { txid } })(index);
    const { messages } = await backup.prove({ SOURCE_PATIENCE_SECONDS: "20" });
    expect(messages).toEqual({ "a.db": "passed" });
  });

  test("at the end fails", async () => {
    const backup = new Backup(["a.db"]);
    backup.write("a.db");
    const txid = backup.sync("a.db");
    backup.metrics = (index) =>
      index === 0 ? { "a.db": { txid } } : (response) => response.writeHead(503).end();
    expect((await backup.prove()).messages["a.db"]).toBe(
      "freshness: the app's metrics can't be read any more: the answer isn't Litestream's metrics",
    );
  });

  test("has a folder of which nobody knows what is in it", async () => {
    const backup = new Backup([TENANTS]);
    backup.metrics = () => (response) => response.writeHead(503).end();
    expect((await backup.prove()).messages).toEqual({
      tenants:
        "restore: the app's databases in this folder are not known, as its metrics can't be read: the answer isn't Litestream's metrics",
    });
  });
});

withLitestream("a directory of databases", () => {
  /** An app with some tenants that are in the replica. */
  function tenants(...names: string[]): [Backup, string[]] {
    const backup = new Backup(["main.db", TENANTS]);
    mkdirSync(backup.path("data/tenants"));
    const all = names.map((name) => `tenants/${name}`);
    for (const name of ["main.db", ...all]) backup.write(name);
    backup.sync();
    return [backup, all];
  }
  const counting = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, { txid: 1 }]));

  test("proves every tenant, whatever it is called", async () => {
    const [backup, all] = tenants(
      "a.db",
      "with two spaces  .db",
      'quote"d.db',
      "$HOME.db",
      "${HOME}.db",
      "back\\slash.db",
      "it's.db",
      "ümläut.db",
      "-o.db",
      "a: b.db",
    );
    backup.metrics = syncing(counting(["main.db", ...all]));
    const { messages } = await backup.prove();
    expect(messages).toEqual(
      Object.fromEntries(["main.db", ...all].map((name) => [name, "passed"])),
    );
  });

  test("proves a tenant that the app has deleted, of which Litestream still counts", async () => {
    const [backup, all] = tenants("a.db", "deleted.db");
    rmSync(backup.path("data/tenants/deleted.db"));
    backup.metrics = (index) => ({
      ...syncing(counting(["main.db", "tenants/a.db"]))(index),
      "tenants/deleted.db": { txid: 1 },
    });
    const { messages, log } = await backup.prove();
    expect(messages).toEqual({
      "main.db": "passed",
      ...Object.fromEntries(all.map((name) => [name, "passed"])),
    });
    expect(log).toContain("not followed any more, as it seems deleted");
  });

  test("fails for a tenant that the replica lacks, and proves the others", async () => {
    const [backup] = tenants("a.db", "b.db");
    rmSync(backup.path("replica/tenants/a.db"), { recursive: true });
    backup.metrics = syncing(counting(["main.db", "tenants/a.db", "tenants/b.db"]));
    expect((await backup.prove()).messages).toEqual({
      "main.db": "passed",
      "tenants/a.db": "restore: no matching backup files available",
      "tenants/b.db": "passed",
    });
  });

  test("fails for a tenant that was never synced", async () => {
    const [backup] = tenants("a.db");
    backup.metrics = syncing({ "main.db": { txid: 1 }, "tenants/a.db": { txid: 0 } });
    expect((await backup.prove()).messages["tenants/a.db"]).toBe(
      "freshness: Litestream has never synced this database since it started: look at its log",
    );
  });

  test("may be empty", async () => {
    const [backup] = tenants();
    backup.metrics = syncing(counting(["main.db"]));
    expect((await backup.prove()).messages).toEqual({ "main.db": "passed" });
  });
});
