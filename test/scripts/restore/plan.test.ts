import { parse } from "yaml";
import { Replica, Secret, Storage } from "../../../src";
import { makePlan, planFiles } from "../../../scripts/restore/plan";
import { deployedApp } from "../../../scripts/restore/deployed";
import { AT, deployed, HARDENED, NEWEST, planned } from "./deployed";

const TENANTS = { dir: "/data/tenants", pattern: "*.db", atMost: 5 };

describe("a plan", () => {
  test("has all databases, with a place on their volume for the present files", () => {
    const { plan } = planned({ databases: ["/data/notes.db", "/data/more/other.db"] });
    expect(plan).toMatchObject({ id: "20260131T120000Z", app: "notes", replicas: 1 });
    expect(plan.databases).toEqual([
      {
        path: "/data/notes.db",
        meta: "/data/.notes.db-litestream",
        kept: "/data/.litestream-before-restore/20260131T120000Z",
        lies: "volume",
        directory: false,
      },
      {
        path: "/data/more/other.db",
        meta: "/data/more/.other.db-litestream",
        kept: "/data/.litestream-before-restore/20260131T120000Z/more",
        lies: "volume",
        directory: false,
      },
    ]);
  });

  test("knows what lies on no volume that stays", () => {
    const storage = Storage.ephemeral({ sizeLimit: "1Gi", expectedDatabaseSize: "100Mi" });
    const { plan } = planned({ storage, whenNoBackup: "refuse" });
    expect(plan.databases.map(({ lies }) => lies)).toEqual(["ephemeral"]);
  });

  test("finds the volume of each database, and a meta folder of its own", () => {
    const { plan } = planned({
      ...HARDENED,
      databases: ["/data/a.db", { path: "/more/b.db", settings: { metaPath: "/more/meta" } }],
      mountPath: "/data",
      volumes: [{ mountPath: "/more", storage: Storage.claim({ size: "1Gi" }) }],
    });
    expect(plan.databases[1]).toMatchObject({
      meta: "/more/meta",
      kept: "/more/.litestream-before-restore/20260131T120000Z",
    });
  });

  test("takes some of the databases, and those of a directory by name", () => {
    const { plan } = planned({ databases: ["/data/notes.db", TENANTS] }, ["/data/tenants/a$b.db"]);
    expect(plan.databases).toMatchObject([{ path: "/data/tenants/a$b.db", directory: true }]);
  });

  test.each([
    [
      { databases: ["/data/notes.db"] },
      ["/data/other.db"],
      NEWEST,
      "notes has no database /data/other.db. It has: /data/notes.db.",
    ],
    [
      { databases: [TENANTS] },
      ["/data/tenants/sub/a.db"],
      NEWEST,
      "notes has no database /data/tenants/sub/a.db. It has: /data/tenants/*.db.",
    ],
    [
      { databases: [TENANTS] },
      [],
      NEWEST,
      "notes keeps databases in /data/tenants: name each that goes back, --database /data/tenants/NAME",
    ],
    [
      { databases: ["/data/a.db", "/data/b.db"] },
      [],
      { flag: "-txid", value: "00000000000000ff" } as const,
      "--txid counts for one database, and notes has 2: /data/a.db, /data/b.db. Name it",
    ],
    [
      {
        databases: [{ dir: "/data", pattern: "*", atMost: 5, recursive: true }],
        mountPath: "/data",
      },
      ["/data/a.db"],
      NEWEST,
      'where the directory /data of notes with its pattern "*" takes it for a database. Go back by the declaration instead: restoreTo',
    ],
  ])("of %j and %j is refused", (props, databases, target, message) => {
    expect(() => makePlan(deployed(props), { target, databases }, AT)).toThrow(message);
  });

  test("of a recursive directory whose pattern doesn't fit the kept file is none to refuse", () => {
    const all = { ...TENANTS, dir: "/data", recursive: true };
    const { plan } = planned({ databases: [all], mountPath: "/data" }, ["/data/sub/a.db"]);
    expect(plan.databases).toHaveLength(1);
  });
});

describe("its files", () => {
  const files = (...given: Parameters<typeof planned>) => {
    const { app, plan } = planned(...given);
    return planFiles(app, plan);
  };

  test("are litestream.yml without what belongs to the running app, of all and of each", () => {
    const all = files({
      databases: ["/data/a.db", "/data/b.db"],
      litestream: { socket: { enabled: true } },
    });
    expect(Object.keys(all)).toEqual(["litestream.yml", "database-1.yml", "database-2.yml"]);
    expect(parse(all["database-2.yml"] ?? "")).toEqual({
      snapshot: { interval: "24h", retention: "336h" },
      "shutdown-sync-timeout": "10s",
      logging: { type: "json" },
      dbs: [{ path: "/data/b.db", replica: { type: "file", path: "/replica/b.db" } }],
    });
  });

  test("have an entry of its own for a database of a directory, whatever its name", () => {
    const text = files({ databases: [TENANTS] }, ['/data/tenants/a$b"c.db']);
    expect(parse(text["database-1.yml"] ?? "").dbs).toEqual([
      {
        path: '/data/tenants/a${LITESTREAM_DOLLAR}b"c.db',
        replica: { type: "file", path: '/replica/tenants/a${LITESTREAM_DOLLAR}b"c.db' },
      },
    ]);
  });

  test("keep what Litestream takes from its environment, and no secret", () => {
    const replica = Replica.webdav({
      url: "https://dav.example.com",
      path: "notes",
      username: "notes",
      credentials: Secret.existing("dav"),
    });
    expect(files({ replica })["litestream.yml"]).toMatch(/webdav-password: "\$\{\w+\}"/);
  });
});

test.each([
  [
    { version: "0.3", whenVolumeIsOlder: "keep", restoreIntegrityCheck: "none" } as const,
    "notes/notes runs Litestream 0.3, whose backups this program can't restore. Stop the app",
  ],
  [
    {
      replica: Replica.nats({
        url: "nats://nats:4222",
        bucket: "notes",
        credentials: Secret.existing("nats"),
      }),
    },
    "notes/notes has a NATS replica, for which this program has no proof that going back works.",
  ],
])("%j is refused with what to do instead", (props, message) => {
  expect(() => deployed(props)).toThrow(message);
});

test("what isn't an app of this project is refused", () => {
  expect(() => deployedApp({ metadata: { name: "x", namespace: "y" } }, {})).toThrow(
    "y/x has no container litestream-restore-snapshot, or its ConfigMap no litestream.yml",
  );
});

test.each([
  [{}, { plain: false, integrityCheck: "full", quietSeconds: 3 }],
  [{ restoreIntegrityCheck: "none" } as const, { integrityCheck: "none" }],
  [HARDENED, { plain: true, integrityCheck: "full", quietSeconds: 3 }],
  [{ ...HARDENED, restoreIntegrityCheck: "none" } as const, { integrityCheck: "none" }],
])("%j is read from what is deployed", (props, app) => {
  expect(deployed(props)).toMatchObject(app);
});
