import { containerNames, foundApp, parseReference, pick } from "../../scripts/cluster/apps";
import { explain, isForbidden, isNotFound, within } from "../../scripts/cluster/explain";
import { Failure } from "../../scripts/cluster/failure";
import { jobFrom, jobName } from "../../scripts/cluster/jobs";
import { kubeconfigFiles, mergeKubeconfigs } from "../../scripts/cluster/kubeconfig";
import { parallel } from "../../scripts/cluster/parallel";
import { notOpened } from "../../scripts/cluster/socket";
import { hasColours } from "../../scripts/cluster/terminal";

const WHERE = { context: "home", server: "https://10.0.0.1:6443" };

const APPS = [
  { name: "notes", namespace: "home" },
  { name: "wiki", namespace: "home" },
  { name: "notes", namespace: "test" },
];

test.each([
  ["wiki", undefined, APPS[1]],
  ["notes", "test", APPS[2]],
])("%s in %s is one app", (name, namespace, app) =>
  expect(
    pick(
      APPS.filter((one) => namespace === undefined || one.namespace === namespace),
      name,
      namespace,
    ),
  ).toBe(app),
);

test.each([
  [
    "notes",
    undefined,
    APPS,
    'There are several apps "notes": home/notes, test/notes. Say which: -n home',
  ],
  [
    "note",
    undefined,
    APPS,
    'There is no app "note". There are: home/notes, home/wiki, test/notes.',
  ],
  ["x", "home", APPS.slice(0, 2), 'There is no app "x" in namespace home. There are: notes, wiki.'],
  [
    "x",
    "home",
    [],
    'There is no app "x" in namespace home. There are none at all in namespace home (StatefulSets with the label app.kubernetes.io/managed-by=cdktf-sqlite).',
  ],
])("%s in %s isn't one app", (name, namespace, apps, text) =>
  expect(() => pick(apps, name, namespace)).toThrow(new Failure(text)),
);

test("an app may be called with its namespace", () => {
  expect(parseReference("notes")).toEqual(["notes", undefined]);
  expect(parseReference("notes", "home")).toEqual(["notes", "home"]);
  expect(parseReference("home/notes")).toEqual(["notes", "home"]);
  expect(parseReference("home/notes", "home")).toEqual(["notes", "home"]);
  expect(() => parseReference("home/notes", "test")).toThrow(
    '"home/notes" isn\'t in the namespace of -n test.',
  );
});

test.each([
  [["app"], ["litestream-sidecar"], "app"],
  [["app", "litestream-sidecar"], [], "app"],
  [["app"], ["litestream-follower"], "readers"],
  [["app"], [], undefined],
])("containers %j after %j are of %s", (containers, initContainers, kind) => {
  const named = (names: string[]) => names.map((name) => ({ name }));
  const spec = { containers: named(containers), initContainers: named(initContainers) };
  const statefulSet = {
    metadata: { name: "notes", namespace: "home" },
    spec: { selector: {}, serviceName: "notes", template: { spec } },
  };
  expect(foundApp(statefulSet)?.kind).toBe(kind);
  expect(containerNames(spec)).toEqual([...initContainers, ...containers]);
});

const forbidden = { message: 'statefulsets.apps is forbidden: User "x" cannot list it' };

test.each([
  [
    { code: 401, body: "" },
    'The cluster at https://10.0.0.1:6443 doesn\'t accept the credentials of the context "home"',
  ],
  [
    { code: 403, body: JSON.stringify(forbidden) },
    `The user of the context "home" may not do this: ${forbidden.message}`,
  ],
  [{ code: 403, body: forbidden }, forbidden.message],
  [{ code: 500, body: "oops" }, "answered 500: oops"],
  [{ code: 500, body: undefined }, "answered 500: no reason"],
  [
    { code: "ECONNREFUSED", message: "connect" },
    'No cluster answers at https://10.0.0.1:6443 (context "home"): the connection is refused.',
  ],
  [{ code: "ENOTFOUND", message: "" }, "its name can't be resolved"],
  [{ message: "request failed, reason: connect EHOSTUNREACH" }, "there is no route to it"],
  [{ name: "AbortError", message: "aborted" }, "doesn't answer in time"],
  [
    { code: "DEPTH_ZERO_SELF_SIGNED_CERT", message: "self-signed certificate" },
    "can't be trusted: self-signed certificate",
  ],
])("%j is told in words", (error, text) => {
  const told = explain(error, WHERE);
  expect(told).toBeInstanceOf(Failure);
  expect((told as Failure).message).toContain(text);
});

test("what isn't the cluster's error stays what it is", () => {
  const [failure, bug] = [new Failure("said"), new TypeError("x is not a function")];
  expect(explain(failure, WHERE)).toBe(failure);
  expect(explain(bug, WHERE)).toBe(bug);
  expect([isNotFound({ code: 404 }), isNotFound(bug), isForbidden({ code: 403 })]).toEqual([
    true,
    false,
    true,
  ]);
});

test("a socket that wasn't opened says why", () => {
  const on = { what: "run commands", resource: "pods/exec", otherwise: "It isn't running" };
  const event = (code: number) => ({ message: `Unexpected server response: ${code}` });
  expect((notOpened(event(403), on) as Failure).message).toBe(
    'You may not run commands: that takes the verbs "get" and "create" on "pods/exec".',
  );
  expect((notOpened(event(500), on) as Failure).message).toBe("It isn't running (HTTP 500).");
  const inner = { code: "ECONNREFUSED" };
  expect(notOpened({ message: "connect", error: inner }, on)).toBe(inner);
});

test("nothing is waited for longer than it may take", async () => {
  await expect(within(0.01, "an answer", new Promise(() => undefined))).rejects.toThrow(
    "an answer: not within 0.01 s.",
  );
  await expect(within(1, "an answer", Promise.resolve(1))).resolves.toBe(1);
});

test("the kubeconfig is where kubectl looks", () => {
  const there = (path: string) => path !== "/b";
  expect(kubeconfigFiles({ KUBECONFIG: "/a:/b::/c" }, "/home/me", there)).toEqual({
    named: ["/a", "/b", "/c"],
    found: ["/a", "/c"],
  });
  expect(kubeconfigFiles({}, "/home/me", there).found).toEqual(["/home/me/.kube/config"]);
  expect(kubeconfigFiles({ KUBECONFIG: "" }, "/home/me", () => false)).toEqual({
    named: ["/home/me/.kube/config"],
    found: [],
  });
});

test("of several kubeconfigs the first counts", () => {
  const file = (server: string, currentContext?: string) => ({
    clusters: [{ name: "one", server }],
    users: [],
    contexts: [{ name: server }],
    currentContext,
  });
  expect(mergeKubeconfigs([file("a"), file("b", "b"), file("c", "c")])).toEqual({
    clusters: [{ name: "one", server: "a" }],
    users: [],
    contexts: [{ name: "a" }, { name: "b" }, { name: "c" }],
    currentContext: "b",
  });
});

test("no more than so many at once, and results in their order", async () => {
  let [running, most] = [0, 0];
  const results = await parallel(2, [30, 10, 20, 1], async (milliseconds) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    running--;
    return milliseconds * 2;
  });
  expect({ results, most }).toEqual({ results: [60, 20, 40, 2], most: 2 });
  expect(await parallel(2, [], () => Promise.resolve(1))).toEqual([]);
});

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: false }, {}, false],
  [{}, {}, false],
  [{ isTTY: true }, { NO_COLOR: "1" }, false],
  [{ isTTY: true }, { NO_COLOR: "" }, true],
  [{ isTTY: true }, { TERM: "dumb" }, false],
])("%j with %j shows colours: %s", (stream, environment, shows) =>
  expect(hasColours(stream, environment)).toBe(shows),
);

const NOW = new Date("2026-11-21T21:05:32.123Z");

test("a Job's name has its time, and 63 characters at most", () => {
  expect(jobName("notes-verify", NOW)).toBe("notes-verify-20261121-210532");
  const long = jobName(`${"a".repeat(46)}-bcdef`, NOW);
  expect(long).toBe(`${"a".repeat(46)}-20261121-210532`);
  expect(jobName("a".repeat(52), NOW)).toHaveLength(63);
});

test("a Job is what kubectl makes of a CronJob", () => {
  const spec = { template: { spec: { containers: [] } } };
  const jobTemplate = { metadata: { labels: { a: "b" }, annotations: { c: "d" } }, spec };
  const cronJob = {
    metadata: { name: "notes-verify", namespace: "home", uid: "u" },
    spec: { schedule: "", jobTemplate },
  };
  expect(jobFrom(cronJob, NOW)).toEqual({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: "notes-verify-20261121-210532",
      namespace: "home",
      labels: { a: "b" },
      annotations: { c: "d", "cronjob.kubernetes.io/instantiate": "manual" },
      ownerReferences: [
        {
          apiVersion: "batch/v1",
          kind: "CronJob",
          name: "notes-verify",
          uid: "u",
          controller: true,
        },
      ],
    },
    spec,
  });
});
