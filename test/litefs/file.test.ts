import { parse } from "yaml";
import {
  LitefsCluster,
  type LitefsClusterProps,
  manifests,
  Replica,
  Secret,
  SqliteStack,
  variable,
} from "../../src";
import { clusterObjects, GOOD_CLUSTER } from "../support/litefs";
import { newApp, synthesized } from "../support/synth";

/** litefs.yml as LiteFS reads it in a pod: with what it expands. */
function expanded(text: string, pod = "notes-0"): any {
  const value: Record<string, string> = { LITEFS_POD: pod, LITEFS_DOLLAR: "$" };
  return parse(
    text.replace(/\$\{\s*(\w+)\s*(?:==\s*"([^"]*)"\s*)?\}/g, (_, name: string, other?: string) =>
      other === undefined ? (value[name] ?? "") : String(value[name] === other),
    ),
  );
}

const fileOf = (props: Partial<LitefsClusterProps> = {}) =>
  clusterObjects(props)["ConfigMap/notes-litefs"].data["litefs.yml"];

const LEASE = {
  type: "static",
  hostname: "notes-0",
  "advertise-url": "http://notes-0.notes-headless.notes.svc.cluster.local:20202",
};

describe("litefs.yml", () => {
  test("of a plain cluster, on pod 0", () => {
    expect(expanded(fileOf())).toEqual({
      fuse: { dir: "/data/db", "allow-other": true },
      data: { dir: "/var/lib/litefs", compress: true, retention: "10m" },
      http: { addr: ":20202" },
      proxy: { addr: ":20203", target: "localhost:8080", db: "notes.db", "max-lag": "10s" },
      log: { format: "json", timestamp: true },
      lease: { ...LEASE, candidate: true },
    });
  });

  test.each(["notes-1", "notes-2", "notes-10", "other-0", ""])(
    "on %p: the primary's name and address, and no candidate",
    (pod) => {
      expect(expanded(fileOf(), pod).lease).toEqual({ ...LEASE, candidate: false });
    },
  );

  test.each<[string, Partial<LitefsClusterProps>, object]>([
    [
      "another domain of the cluster",
      { clusterDomain: "k8s.example.com" },
      {
        lease: {
          ...LEASE,
          "advertise-url": "http://notes-0.notes-headless.notes.svc.k8s.example.com:20202",
          candidate: true,
        },
      },
    ],
    [
      "lag and retention",
      { maxLag: "1h", retention: "2h" },
      {
        proxy: { addr: ":20203", target: "localhost:8080", db: "notes.db", "max-lag": "1h" },
        data: { dir: "/var/lib/litefs", compress: true, retention: "2h" },
      },
    ],
    [
      "several databases: the first is the one that readers wait for",
      { databases: ["/srv/db/one.db", "/srv/db/two.db"], port: 3000 },
      {
        fuse: { dir: "/srv/db", "allow-other": true },
        proxy: { addr: ":20203", target: "localhost:3000", db: "one.db", "max-lag": "10s" },
      },
    ],
    [
      "exec: migrations on the primary alone, the app",
      {
        exec: {
          command: "/notes serve --note '$HOME %{x} ${y}'",
          migrations: ["/notes migrate"],
        },
      },
      {
        exec: [
          { cmd: "/notes migrate", "if-candidate": true },
          { cmd: "/notes serve --note '$HOME %{x} ${y}'" },
        ],
      },
    ],
  ])("%s", (_, props, expected) => {
    expect(expanded(fileOf(props))).toMatchObject(expected);
  });

  test("another one for what was restored, which nobody else sees: no proxy, no app", () => {
    const exec = { command: "/notes serve" };
    const text = clusterObjects({ exec })["ConfigMap/notes-litefs"].data["import.yml"];
    expect(expanded(text)).toEqual({
      fuse: { dir: "/run/litefs-import" },
      data: { dir: "/var/lib/litefs", compress: true, retention: "10m" },
      http: { addr: "127.0.0.1:20205" },
      log: { format: "json", timestamp: true },
      lease: { ...LEASE, candidate: true },
    });
  });

  test("never has a cluster id", () => {
    expect(fileOf()).not.toMatch(/cluster-?id/i);
  });

  test("with a namespace that is known only at apply", () => {
    const app = newApp();
    const stack = new SqliteStack(app, "own");
    const namespace = variable(stack, "namespace", { type: "string" }).stringValue;
    new LitefsCluster(stack, "notes", { ...GOOD_CLUSTER, namespace });
    const objects = manifests(synthesized(app), { namespace: "chosen" });
    const map: any = objects.find(({ metadata }) => metadata.name === "notes-litefs");
    expect(expanded(map.data["litefs.yml"]).lease["advertise-url"]).toBe(
      "http://notes-0.notes-headless.chosen.svc.cluster.local:20202",
    );
  });
});

describe("litestream.yml of the backup", () => {
  test("each database, and the note", () => {
    const { data } = clusterObjects({ databases: ["/data/db/a.db", "/data/db/b.db"] })[
      "ConfigMap/notes-litefs"
    ];
    const file = parse(data["litestream.yml"]);
    expect(file).toMatchObject({
      snapshot: { interval: "24h", retention: "192h" },
      levels: [{ interval: "1h" }],
      socket: { enabled: true, path: "/var/lib/litefs-backup/litestream.sock" },
    });
    expect(file.dbs.map(({ path, replica }: any) => [path, replica.path])).toEqual([
      ["/var/lib/litefs-backup/a.db", "notes/a.db"],
      ["/var/lib/litefs-backup/b.db", "notes/b.db"],
      ["/var/lib/litefs-backup/cluster-note.db", "notes/cluster-note"],
    ]);
    expect(parse(data["note.yml"]).dbs).toEqual([file.dbs[2]]);
  });

  test("no secret is in it, or in any other object", () => {
    const objects = clusterObjects({
      replica: Replica.s3({ bucket: "b12", path: "notes", credentials: Secret.existing("keys") }),
      namespace: "notes",
    });
    expect(JSON.stringify(objects["ConfigMap/notes-litefs"])).not.toMatch(
      /secretKeyRef|ACCESS_KEY/,
    );
  });
});

describe("haproxy.cfg", () => {
  const routerFile = (props: Partial<LitefsClusterProps> = {}): string =>
    clusterObjects(props)["ConfigMap/notes-router"].data["haproxy.cfg"];
  const servers = (text: string) =>
    text
      .split("\n")
      .filter((line) => line.startsWith("  server "))
      .map((line) => line.trim().split(/\s+/).slice(1, 3));

  test("reads to any pod, everything else to the primary's Service", () => {
    expect(servers(routerFile({ replicas: 2 }))).toEqual([
      ["primary", "notes-primary.notes.svc.cluster.local:20203"],
      ["pod-0", "notes-0.notes-headless.notes.svc.cluster.local:20203"],
      ["pod-1", "notes-1.notes-headless.notes.svc.cluster.local:20203"],
    ]);
    expect(routerFile()).toContain(
      "  acl reads method GET HEAD\n  use_backend any if reads\n  default_backend primary\n",
    );
  });

  test("paths that always go to the primary, and what is below them", () => {
    expect(routerFile({ router: { primaryPaths: ["/login", "/a/"] } })).toContain(
      `  acl primary-only path,url_dec -m str /login
  acl primary-only path,url_dec -m beg /login/
  acl primary-only path,url_dec -m str /a/
  acl primary-only path,url_dec -m beg /a/
  use_backend any if reads !primary-only
  default_backend primary
`,
    );
  });

  test("503 tells when to come again, and nothing is sent twice", () => {
    expect(routerFile()).toMatch(/http-error status 503 .* hdr Retry-After 2 /);
    expect(routerFile()).toContain("  retry-on conn-failure\n");
  });
});
