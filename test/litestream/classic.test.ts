import { objectsOf, problemsOf } from "../support/synth";

const CLASSIC = { sidecar: "classic" } as const;
const podOf = (objects: Record<string, any>) => objects.StatefulSet.spec.template.spec;

test("a classic sidecar is an ordinary container behind the app", () => {
  const pod = podOf(objectsOf(CLASSIC));
  expect(pod.initContainers.map(({ name, restartPolicy }: any) => [name, restartPolicy])).toEqual([
    ["litestream-restore-snapshot", undefined],
  ]);
  expect(pod.containers.map(({ name }: any) => name)).toEqual(["app", "litestream-sidecar"]);
  const { lifecycle: _, ...litestream } = pod.containers[1];
  const { restartPolicy: __, ...native } = podOf(objectsOf()).initContainers[1];
  expect(litestream).toEqual(native);
});

test.each([
  [undefined, "30"],
  ["1500ms", "2"],
  ["2m", "120"],
])("its SIGTERM waits out a stopTimeout of %s", (stopTimeout, seconds) => {
  const pod = podOf(objectsOf({ ...CLASSIC, stopTimeout }));
  expect(pod.containers[1].lifecycle).toEqual({
    preStop: { exec: { command: ["sleep", seconds] } },
  });
});

test("the grace period covers both, one after the other", () => {
  const { terminationGracePeriodSeconds } = podOf(objectsOf({ ...CLASSIC, stopTimeout: "1m" }));
  expect(terminationGracePeriodSeconds).toBe(60 + 30 + 10);
});

test("an app that needs no time to stop holds nothing back", () => {
  const pod = podOf(objectsOf({ ...CLASSIC, stopTimeout: "0s" }));
  expect(pod.containers[1].lifecycle).toBeUndefined();
});

test("Litestream 0.3 too, whose image has sleep", () => {
  const pod = podOf(
    objectsOf({
      ...CLASSIC,
      version: "0.3",
      whenVolumeIsOlder: "keep",
      restoreIntegrityCheck: "none",
    }),
  );
  expect(pod.containers[1]).toMatchObject({
    image: "litestream/litestream:0.3.13",
    lifecycle: { preStop: { exec: { command: ["sleep", "30"] } } },
  });
});

test("native is the default", () => {
  expect(objectsOf({ sidecar: "native" })).toEqual(objectsOf());
});

test.each([
  [
    "in the hardened image",
    { ...CLASSIC, hardened: true, whenVolumeIsOlder: "keep" },
    'sidecar: "classic" needs a program that holds back Litestream\'s end until the app\'s, and the hardened image has none. Leave out hardened, or write "native" on Kubernetes 1.29 or later.',
  ],
  [
    "of another kind",
    { sidecar: "old" },
    'sidecar: "old" is unknown. Write "native" or "classic".',
  ],
] as [string, object, string][])("a sidecar %s is refused", (_, props, line) => {
  expect(problemsOf(props)).toEqual([line]);
});
