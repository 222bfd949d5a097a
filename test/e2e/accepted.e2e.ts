import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LitestreamSettings, Replica, Secret } from "../../src";
import { objectsOf } from "../support/synth";
import { requireTools } from "./support/litestream";
import { tryRun } from "./support/run";

/** Litestream ignores a key it doesn't know, but refuses a value it can't read. */
const EVERY_SETTING: Required<LitestreamSettings> = {
  snapshot: { interval: "12h", retention: "400h" },
  levels: [{ interval: "15s" }, { interval: "10m" }],
  validation: { interval: "6h" },
  l0Retention: "10m",
  l0RetentionCheckInterval: "30s",
  verifyCompaction: true,
  retention: { enabled: false },
  heartbeatUrl: { secret: Secret.existing("heartbeat"), key: "url" },
  heartbeatInterval: "2m",
  shutdownSyncTimeout: "20s",
  shutdownSyncInterval: "250ms",
  socket: { enabled: true, permissions: 384 },
  logging: { level: "debug", type: "json", stderr: true, source: true },
};

const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-accepted-"));
const data = join(folder, "data");
const objects = objectsOf({
  databases: [
    {
      path: join(data, "notes.db"),
      settings: {
        monitorInterval: "2s",
        checkpointInterval: "2m",
        busyTimeout: "3s",
        minCheckpointPageCount: 500,
        truncatePageN: 10_000,
        maxSyncWalBytes: 1_000_000,
      },
    },
    { dir: join(data, "tenants"), pattern: "*.db", recursive: true, atMost: 5 },
  ],
  mountPath: data,
  replica: Replica.file({
    claim: { size: "1Gi" },
    syncInterval: "2s",
    validationInterval: "1h",
    maxSyncLtxFiles: 100,
    autoRecover: true,
  }),
  restoreFrom: Replica.file({ existingClaim: "old" }),
  restoreTo: { id: "undo", timestamp: "2026-01-31T12:00:00Z", databases: [join(data, "notes.db")] },
  litestream: EVERY_SETTING,
});

beforeAll(async () => {
  await requireTools({ litestream: "0.5.16, https://litestream.io/install" });
  mkdirSync(join(data, "tenants"), { recursive: true });
});

const environment = {
  LITESTREAM_DOLLAR: "$",
  LITESTREAM_HEARTBEAT_URL: "https://hc.example.com/it's-a-uuid",
};

test.each(Object.keys(objects.ConfigMap.data).filter((name) => name.endsWith(".yml")))(
  "Litestream accepts %s",
  async (name) => {
    const file = join(folder, name);
    // As restore.sh puts a tenant's name into the entry.
    const text = objects.ConfigMap.data[name].replaceAll("@LITESTREAM_DATABASE@", '\\"odd\\".db');
    writeFileSync(file, text);
    const { code, stdout, stderr } = await tryRun("litestream", ["databases", "-config", file], {
      env: environment,
    });
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
  },
);

test("and would refuse one with a value it can't read", async () => {
  const file = join(folder, "bad.yml");
  writeFileSync(file, objects.ConfigMap.data["litestream.yml"].replace("12h", "12 hours"));
  const { code } = await tryRun("litestream", ["databases", "-config", file], {
    env: environment,
  });
  expect(code).not.toBe(0);
});
