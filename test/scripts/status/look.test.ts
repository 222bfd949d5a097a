import type { V1Pod } from "@kubernetes/client-node";
import type { Cluster } from "../../../scripts/cluster/client";
import { exec } from "../../../scripts/cluster/exec";
import { getFromPod } from "../../../scripts/cluster/ports";
import { replicationState } from "../../../scripts/status/replication";

// The Kubernetes client is an ES module, which Jest doesn't load.
jest.mock("../../../scripts/cluster/exec", () => ({ exec: jest.fn() }));
jest.mock("../../../scripts/cluster/ports", () => ({ getFromPod: jest.fn() }));

const POD: V1Pod = {
  status: {
    initContainerStatuses: [
      {
        name: "litestream-sidecar",
        image: "",
        imageID: "",
        ready: true,
        restartCount: 0,
        state: { running: { startedAt: new Date("2026-01-01T00:00:00Z") } },
      },
    ],
  },
};

/** An app of two databases: what Litestream says at each look, and what the replica of both holds. */
async function statesOf(looks: readonly string[], held: number) {
  const data = {
    "litestream.yml":
      "dbs:\n  - { path: /data/a.db, replica: {} }\n  - { dir: /data/t, replica: {} }",
    "directory-0.yml": 'dbs:\n  - { path: "/data/t/@LITESTREAM_DATABASE@", replica: {} }',
  };
  const cluster = {
    core: { readNamespacedConfigMap: () => Promise.resolve({ data }) },
  } as unknown as Cluster;
  const asked: string[] = [];
  let look = 0;
  jest.mocked(getFromPod).mockImplementation(() => {
    asked.push("metrics");
    return Promise.resolve(looks[look++] ?? looks.at(-1) ?? "");
  });
  jest.mocked(exec).mockImplementation((_, __, command) => {
    asked.push(command.at(-1) ?? "");
    const file = { max_txid: held.toString(16), timestamp: "2026-01-01T00:00:00Z" };
    return Promise.resolve({ code: 0, stdout: JSON.stringify([file]), stderr: "" });
  });
  const app = { name: "notes", namespace: "home" };
  const { databases } = await replicationState(cluster, app, POD, { atMost: 2 });
  return { asked, states: databases.map(({ path, state }) => `${path} ${state}`) };
}

const at = (...transactions: [path: string, txid: number][]) =>
  transactions.map(([path, txid]) => `litestream_txid{db="${path}"} ${txid}`).join("\n");

test("an app that has gone on while its replica was listed isn't behind itself", async () => {
  const { asked, states } = await statesOf([at(["/data/a.db", 34]), at(["/data/a.db", 36])], 36);
  expect(states).toEqual(["/data/a.db synced"]);
  expect(asked).toEqual(["metrics", "/data/a.db", "metrics"]);
});

test("an app that stands still isn't asked again", async () => {
  const { asked, states } = await statesOf([at(["/data/a.db", 36])], 36);
  expect(states).toEqual(["/data/a.db synced"]);
  expect(asked).toEqual(["metrics", "/data/a.db"]);
});

test("a replica beyond the app is ahead, also that of a database in a directory", async () => {
  const both = at(["/data/a.db", 50], ["/data/t/b.db", 34]);
  expect((await statesOf([both], 50)).states).toEqual(["/data/a.db synced", "/data/t/b.db ahead"]);
});

test("nothing is ahead of Litestream without a position", async () => {
  expect((await statesOf([""], 50)).states).toEqual(["/data/a.db never"]);
  expect((await statesOf([at(["/data/a.db", 0])], 50)).states).toEqual(["/data/a.db never"]);
});
