import { existsSync } from "node:fs";
import { join } from "node:path";
import { clusterObjects, nodeOf } from "../support/rqlite";
import { endScripts, environmentOf, Scripts } from "../support/rqlite-scripts";

afterEach(endScripts);

/** What rqlited is started with. */
async function start(
  mode: string,
  { voters = 3, pod = "notes-1", kind = "voter", before = (_: Scripts) => {} } = {},
): Promise<{ said: string; flags: string[]; scripts: Scripts }> {
  const objects = clusterObjects({ readers: { count: 1 } });
  const scripts = new Scripts(objects["ConfigMap/notes-rqlite"].data, 4001);
  scripts.write("size/voters", String(voters));
  scripts.write("run/mode", `${mode}\n`);
  before(scripts);
  const [container] = nodeOf(objects, kind === "voter" ? "notes" : "notes-readers").containers;
  const { code, lines, stderr } = await scripts.run("start.sh", [kind, "-fk=true"], {
    ...environmentOf(container),
    POD_NAME: pod,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const [said = "", ...flags] = lines;
  expect(flags[0]).toBe("-fk=true");
  expect(flags.at(-1)).toBe(scripts.here("/rqlite/file/data"));
  return { said, flags: flags.slice(1, -1), scripts };
}

const NODES = "notes-nodes.notes.svc";

test("a node that begins a cluster waits for all voters, and joins one where there is one", async () => {
  const { said, flags } = await start("begin");
  expect(said).toBe("start: begin, 3 voters");
  expect(flags).toEqual([
    "-disco-mode=dns",
    `-disco-config={"name":"${NODES}"}`,
    "-bootstrap-expect=3",
    "-bootstrap-expect-timeout=10m",
  ]);
});

test("a node that begins with a backup gets its file", async () => {
  const { flags, scripts } = await start("begin", {
    before: (one) => one.write("run/restore.json", "{}"),
  });
  expect(flags.at(-1)).toBe(`-auto-restore=${scripts.here("/run/rqlite/restore.json")}`);
});

test("a member joins the others for as long as it takes, and never begins a cluster", async () => {
  const { flags } = await start("member");
  expect(flags).toEqual([
    `-join=notes-0.${NODES}:4002,notes-2.${NODES}:4002`,
    "-join-interval=1s",
    "-join-attempts=1000000",
  ]);
});

test("a node that joins gives up in time to be prepared anew", async () => {
  const { flags } = await start("join", { voters: 5, pod: "notes-4" });
  expect(flags).toEqual([
    `-join=${[0, 1, 2, 3].map((n) => `notes-${n}.${NODES}:4002`).join(",")}`,
    "-join-interval=1s",
    "-join-attempts=120",
  ]);
});

test("a node that began a cluster and starts again is a member, without another restore", async () => {
  const { said, flags } = await start("begin", {
    before: (one) => {
      one.write("run/restore.json", "{}");
      one.write("volume/data/raft.db", `notes-0.${NODES}:4002`);
    },
  });
  expect(said).toBe("start: member, 3 voters");
  expect(flags.join()).not.toMatch(/auto-restore|bootstrap/);
});

test("one voter has nobody to join, and begins alone", async () => {
  for (const mode of ["begin", "member"])
    expect((await start(mode, { voters: 1, pod: "notes-0" })).flags).toEqual([]);
});

test("a reader joins the voters, whatever its volume has", async () => {
  const { said, flags } = await start("join", {
    kind: "reader",
    pod: "notes-readers-1",
    before: (one) => one.write("volume/data/raft.db", `notes-0.${NODES}:4002`),
  });
  expect(said).toBe("start: join, 3 voters");
  expect(flags[0]).toBe(`-join=${[0, 1, 2].map((n) => `notes-${n}.${NODES}:4002`).join(",")}`);
});

test("what a copy has left behind goes", async () => {
  const { scripts } = await start("member", {
    before: (one) => one.write("volume/temporary/rqlite-upload1", "x"),
  });
  expect(existsSync(join(scripts.folder, "volume/temporary"))).toBe(true);
  expect(existsSync(join(scripts.folder, "volume/temporary/rqlite-upload1"))).toBe(false);
});
