import { Storage } from "../../../src";
import { hasBegun, refuseUnsaved, unsaved } from "../../../scripts/restore/unsaved";
import type { DatabaseState } from "../../../scripts/status/state";
import { deployed } from "./deployed";

const seen = (state: DatabaseState["state"], reason?: string) => ({
  databases: [{ path: "/data/a.db", state, reason }],
  notAsked: 0,
});
const pod = (state: object | undefined, restartCount = 0) => ({
  status: { containerStatuses: [{ name: "app", state, restartCount }] as never[] },
});

test.each([
  [seen("synced"), undefined],
  [seen("absent"), undefined],
  // It has only just started, or uploads rarely: at its end it uploads what there is.
  [seen("unknown", "Litestream has only just started"), undefined],
  [seen("behind", "it isn't in the replica"), "/data/a.db: it isn't in the replica"],
  [seen("ahead", "it isn't the app's alone"), "/data/a.db: it isn't the app's alone"],
  [seen("never", "not since it started"), "/data/a.db: not since it started"],
  [seen("unreachable"), "/data/a.db: unreachable"],
  [{ unknown: "no answer", databases: [], notAsked: 0 }, "how far it is isn't known: no answer"],
])("%j", (state, why) => {
  expect(unsaved(state)).toBe(why);
});

test("a pod whose containers haven't started has nothing to lose", () => {
  expect(hasBegun(pod({ waiting: { reason: "PodInitializing" } }))).toBe(false);
  expect(hasBegun({})).toBe(false);
  expect(hasBegun(pod({ running: {} }))).toBe(true);
  expect(hasBegun(pod({ terminated: { exitCode: 1 } }))).toBe(true);
  expect(hasBegun(pod({ waiting: { reason: "CrashLoopBackOff" } }, 3))).toBe(true);
});

describe("an app", () => {
  const ephemeral = deployed({
    storage: Storage.ephemeral({ sizeLimit: "1Gi", expectedDatabaseSize: "100Mi" }),
    whenNoBackup: "refuse",
  });

  test("without Litestream isn't stopped when its database is gone with its pod", async () => {
    const refused = refuseUnsaved(ephemeral, pod({ running: {} }), undefined);
    await expect(refused).rejects.toThrow(
      /its Litestream doesn't run\): stopping it would lose that[^]*kubectl -n notes scale statefulset notes --replicas=0/,
    );
  });

  test("is stopped when it runs, and all is in the replica", async () => {
    const look = (state: DatabaseState["state"]) => () => Promise.resolve(seen(state));
    await refuseUnsaved(ephemeral, pod({ running: {} }), look("synced"));
    const refused = refuseUnsaved(ephemeral, pod({ running: {} }), look("behind"));
    await expect(refused).rejects.toThrow("may not be in the replica (/data/a.db: behind)");
  });

  test("may be stopped when it hasn't begun, or lies on a volume", async () => {
    await refuseUnsaved(ephemeral, pod({ waiting: {} }), undefined);
    await refuseUnsaved(deployed(), pod({ running: {} }), undefined);
  });
});
