import type { V1Pod } from "@kubernetes/client-node";
import { isReady } from "../../../scripts/restore/cluster";

const pod = (status: "True" | "False", metadata: V1Pod["metadata"] = {}): V1Pod => ({
  metadata,
  status: { conditions: [{ type: "Ready", status }] },
});

test.each<[string, V1Pod | undefined, boolean]>([
  ["ready", pod("True"), true],
  ["not ready", pod("False"), false],
  ["ending", pod("True", { deletionTimestamp: new Date() }), false],
  ["only just made", {}, false],
  ["gone", undefined, false],
])("a pod that is %s", (_, of, ready) => expect(isReady(of)).toBe(ready));
