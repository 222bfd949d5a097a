import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RqliteClusterProps } from "../../src";
import { clusterObjects, nodeOf, S3, USERS } from "../support/rqlite";
import { endScripts, environmentOf, listed, Scripts, serve } from "../support/rqlite-scripts";

afterEach(endScripts);

const MEMBER = '{"notes-1":{"id":"notes-1","addr":"notes-1.notes-nodes.notes.svc:4002"}}';
const NASTY = 'p"a\\s$s{word}';
const SECRETS = {
  nodes: "nodes-password",
  verification: "verification-password",
  app: NASTY,
  AWS_ACCESS_KEY_ID: "key-id",
  AWS_SECRET_ACCESS_KEY: NASTY,
};

interface Surroundings {
  readonly props?: Partial<RqliteClusterProps>;
  /** The status and answer of every other node; without it none is there. */
  readonly nodes?: readonly [status: number, answer: string];
  /** After how many times that it was asked for, there is a leader. */
  readonly leaderAfter?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly before?: (scripts: Scripts) => void;
  readonly kind?: "voter" | "reader";
  readonly until?: string;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Prepares a node's start; gives the script's end, and what it has left. */
async function prepare({
  props = {},
  nodes,
  leaderAfter = 0,
  env = {},
  before,
  kind = "voter",
  until,
  secrets = SECRETS,
}: Surroundings = {}) {
  const asked: string[] = [];
  let looks = 0;
  const port = await serve((request, response) => {
    if (request.url === "/readyz")
      return response.writeHead(looks++ >= leaderAfter ? 200 : 503).end();
    asked.push(`${request.headers.authorization ?? "nobody"} ${request.url ?? ""}`);
    return response.writeHead(nodes?.[0] ?? 500).end(nodes?.[1] ?? "");
  });
  const objects = clusterObjects({ ...props, readers: { count: 1 } });
  const scripts = new Scripts(
    objects["ConfigMap/notes-rqlite"].data,
    nodes === undefined ? 1 : port,
  );
  scripts.write("size/voters", "3");
  before?.(scripts);
  const set = kind === "voter" ? "notes" : "notes-readers";
  const [container] = nodeOf(objects, set).initContainers;
  const environment = {
    ...environmentOf(container, secrets),
    RQLITE_SERVICE: "localhost",
    RQLITE_NODES: "localhost",
    POD_NAME: `${set}-0`,
    START_DELAY: "0",
    ...env,
  };
  const end = await scripts.run("prepare.sh", [kind], environment, until);
  const left = (name: string) =>
    existsSync(join(scripts.folder, "run", name)) ? scripts.read(`run/${name}`) : undefined;
  return { ...end, scripts, asked, looks, mode: left("mode")?.trim(), left };
}

test("an empty volume begins a cluster when no other node is there", async () => {
  const { code, mode, lines, stderr } = await prepare();
  expect({ code, mode, stderr }).toEqual({ code: 0, mode: "begin", stderr: "" });
  expect(lines).toEqual([
    "prepare: the volume is empty, and no other node is in a cluster: this node begins one with all 3 voters",
  ]);
});

test("an empty volume begins a cluster when the others are in none either", async () => {
  const { mode, asked } = await prepare({ nodes: [200, "{}"] });
  expect(mode).toBe("begin");
  expect(asked).toEqual(Array(2).fill("nobody /nodes?nonvoters&timeout=1s"));
});

test("an empty volume joins the cluster that another node is in, and restores nothing", async () => {
  const props = { restore: { from: S3, whenNoBackup: "refuse" } } as const;
  const { mode, lines, left } = await prepare({ nodes: [200, MEMBER], props });
  expect(mode).toBe("join");
  expect(lines).toEqual([
    "prepare: the volume is empty, and notes-1.localhost is in a cluster: this node joins it",
  ]);
  expect(left("restore.json")).toBeUndefined();
});

test("an empty volume begins nothing while the pod of another voter is missing: that may be a member", async () => {
  const until = "a cluster begins with all voters";
  const { mode, lines } = await prepare({ env: { RQLITE_NODES: "nodes.invalid" }, until });
  expect(lines).toEqual([
    "prepare: the volume is empty, and this node waits for the pod of notes-2.nodes.invalid: a cluster begins with all voters",
  ]);
  expect(mode).toBeUndefined();
}, 30_000);

test("an empty volume joins a member that answers, whoever else is missing", async () => {
  const { mode } = await prepare({
    nodes: [200, MEMBER],
    // The first one is there, the second one isn't.
    before: (scripts) =>
      scripts.write(
        "etc/prepare.sh",
        scripts
          .read("etc/prepare.sh")
          .replace(
            '"$RQLITE_SET-$n.$RQLITE_NODES"',
            '"$RQLITE_SET-$n.$([ $n = 2 ] && echo localhost || echo invalid)"',
          ),
      ),
  });
  expect(mode).toBe("join");
}, 30_000);

test("an empty volume gives the others no vote: it waits until they have a leader without it", async () => {
  const { mode, lines, looks } = await prepare({ nodes: [200, MEMBER], leaderAfter: 4 });
  expect({ mode, looks }).toEqual({ mode: "join", looks: 5 });
  expect(lines.at(-1)).toBe(
    "prepare: the others have no leader: without a majority of them nothing is sure, and this node waits (docs/rqlite.md)",
  );
}, 30_000);

test.each([
  ["a snapshot of 8", "volume/data/rsnapshots/2-18-1/meta.json", "{}"],
  ["a snapshot of 10", "volume/data/wsnapshots/2-18-1/meta.json", "{}"],
  ["a node's address in Raft's log", "volume/data/raft.db", "x\0notes-1.nodes:4002\0y"],
])("a volume with %s is a member's, and nobody is asked", async (_, file, text) => {
  const { mode, asked } = await prepare({
    nodes: [200, "{}"],
    before: (scripts) => scripts.write(file, text),
  });
  expect({ mode, asked }).toEqual({ mode: "member", asked: [] });
});

test("files of a node that has joined nothing are none of a member", async () => {
  const { mode } = await prepare({
    before: (scripts) => {
      scripts.write("volume/data/raft.db", "\0".repeat(65536));
      scripts.write("volume/data/db.sqlite", "");
    },
  });
  expect(mode).toBe("begin");
});

test("a reader only joins", async () => {
  const { mode, asked } = await prepare({ kind: "reader", nodes: [200, "{}"] });
  expect({ mode, asked }).toEqual({ mode: "join", asked: [] });
});

test("a node that doesn't take the password keeps the start back", async () => {
  const props = { users: USERS } as never;
  const { code, mode, stderr, asked } = await prepare({ nodes: [401, ""], props });
  expect({ code, mode }).toEqual({ code: 1, mode: undefined });
  expect(stderr).toBe(
    "Error: node notes-1.localhost doesn't take the password of users.nodes: was it changed, and not all pods restarted since?\n",
  );
  const basic = Buffer.from("rqlite-nodes:nodes-password").toString("base64");
  expect(asked).toEqual([`Basic ${basic} /nodes?nonvoters&timeout=1s`]);
});

test("a node that answers otherwise keeps the start back", async () => {
  const { code, stderr } = await prepare({ nodes: [500, "no"] });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^Error: node notes-1\.localhost can't be asked whether there is a cluster: 500/,
  );
});

test("users get their passwords whatever is in those", async () => {
  const { left, scripts } = await prepare({ props: { users: USERS } as never });
  expect(JSON.parse(left("users.json") ?? "")).toEqual([
    { username: "*", perms: ["ready"] },
    {
      username: "rqlite-nodes",
      password: "nodes-password",
      perms: ["join", "join-read-only", "remove", "status"],
    },
    { username: "rqlite-verification", password: "verification-password", perms: ["status"] },
    { username: "app", password: NASTY, perms: ["query", "execute"] },
  ]);
  expect(statSync(join(scripts.folder, "run/users.json")).mode & 0o007).toBe(0);
});

test.each(["", "two\nlines"])("a password %j keeps the start back", async (app) => {
  const { code, stderr } = await prepare({
    props: { users: USERS } as never,
    secrets: { ...SECRETS, app },
  });
  expect(code).toBe(1);
  expect(stderr).toContain("the password of app is empty, or has a control character");
  expect(stderr).toContain("Error: the users can't be written");
});

describe("a restore", () => {
  const PAGES = [
    ["notes/20260101000000_db.sqlite.gz", "notes/20260102000000_db.sqlite.gz"],
    // The name's "." is none of a regular expression, and other objects are no backups.
    [
      "notes/20260103000000_db.sqlite.gz",
      "notes/20260104000000_dbXsqlite.gz",
      "notes/read me&more",
    ],
  ];
  let requests: string[] = [];

  beforeEach(() => (requests = []));

  /** An S3 that has these pages of keys, and answers each page with this status. */
  const s3 = (pages: readonly (readonly string[])[], status = 200) =>
    serve((request, response) => {
      const url = new URL(request.url ?? "", "http://s3");
      requests.push(
        `${request.method ?? ""} ${url.pathname} ${url.searchParams.get("prefix") ?? ""}`,
      );
      const after = url.searchParams.get("start-after") ?? "";
      const page = pages.find((keys) => (keys.at(-1) ?? "") > after) ?? [];
      const authorized = request.headers.authorization?.includes("Credential=key-id/");
      response
        .writeHead(authorized ? status : 403)
        .end(status === 200 ? listed(page) : "<Error><Code>SlowDown</Code></Error>");
    });

  const restoring = async (
    port: number,
    whenNoBackup: "start-empty" | "refuse",
    from: object = {},
  ) =>
    prepare({
      props: {
        restore: {
          from: { ...S3, endpoint: `http://127.0.0.1:${port}`, ...from },
          whenNoBackup,
          timeout: "5m",
        },
      },
    });

  test("takes the newest of all pages", async () => {
    const { code, mode, left, lines, stderr } = await restoring(await s3(PAGES), "refuse");
    expect({ code, mode, stderr }).toEqual({ code: 0, mode: "begin", stderr: "" });
    expect(lines.at(-1)).toBe("prepare: the cluster begins with notes/20260103000000_db.sqlite.gz");
    expect(requests).toEqual(Array(3).fill("GET /backups notes/"));
    const file = left("restore.json") ?? "";
    // rqlite expands every "$" of the file.
    expect(file).not.toContain("$");
    expect(JSON.parse(file)).toEqual({
      version: 1,
      type: "s3",
      timeout: "5m",
      continue_on_failure: false,
      sub: {
        endpoint: expect.stringMatching(/^http:\/\/127/),
        region: "us-east-1",
        bucket: "backups",
        path: "notes/20260103000000_db.sqlite.gz",
        force_path_style: true,
        access_key_id: "key-id",
        secret_access_key: NASTY,
      },
    });
  });

  test("takes one object by its whole key", async () => {
    const { left } = await restoring(await s3(PAGES), "refuse", {
      path: "notes/20260102000000_db.sqlite.gz",
      timestamp: false,
    });
    expect(requests).toEqual(["HEAD /backups/notes/20260102000000_db.sqlite.gz "]);
    expect(JSON.parse(left("restore.json") ?? "").sub.path).toBe(
      "notes/20260102000000_db.sqlite.gz",
    );
  });

  test("starts empty where there is none, and that may be", async () => {
    const { code, mode, left, lines } = await restoring(
      await s3([["notes/readme"]]),
      "start-empty",
    );
    expect({ code, mode, file: left("restore.json") }).toEqual({ code: 0, mode: "begin" });
    expect(lines.at(-1)).toBe(
      "prepare: there is no backup to begin with: the cluster starts empty",
    );
  });

  test("keeps the start back where there is none, and that may not be", async () => {
    const { code, mode, stderr } = await restoring(await s3([]), "refuse");
    expect({ code, mode }).toEqual({ code: 1, mode: undefined });
    expect(stderr).toBe(
      "Error: there is no backup to begin with (notes/db.sqlite.gz in bucket backups), and restore.whenNoBackup is refuse\n",
    );
  });

  test("keeps the start back where S3 doesn't say whether there is one", async () => {
    const { code, stderr } = await restoring(await s3(PAGES, 503), "start-empty");
    expect(code).toBe(1);
    expect(stderr).toBe(
      "Error: the backup to begin with can't be looked for: 503 for the list of bucket backups SlowDown\n",
    );
  });

  test("keeps the start back where S3 can't be reached", async () => {
    const { code, stderr } = await restoring(1, "start-empty");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error: the backup to begin with can't be looked for: curl 7 for the list of bucket backups curl: \(7\)/,
    );
  });
});
