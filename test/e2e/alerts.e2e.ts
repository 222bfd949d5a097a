import type { TerraformStack } from "cdktf";
import { Alert, LogAlerts, Namespace, Secret } from "../../src";
import { ALERTS_DEFAULTS } from "../../src/alerting/config";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { withImage } from "./support/image";
import { type Received, Receiver } from "./support/receiver";
import { eventually, run } from "./support/run";
import { Teller } from "./support/teller";

interface Message {
  readonly level: string;
  readonly problem: string;
  readonly app: string;
  readonly namespace: string;
  readonly database: string;
  readonly message: string;
  readonly leftOut: number;
  readonly logs: string;
}

const SECONDS = 1000;
/** A line, and how long it may take to a receiver. */
const WITHIN = 15;

const jsonLine = (fields: string) => `{"time":"2026-01-01T00:00:00.000Z",${fields}}`;

/** Whatever a person must hear of: the container, its line, and what is made of it. */
const LINES: [name: string, container: string, line: string, expected: Partial<Message>][] = [
  [
    "a monitor error",
    "litestream-sidecar",
    jsonLine(
      '"level":"ERROR","msg":"monitor error","db":"/data/a.db","replica":"s3","error":"no such host"',
    ),
    { level: "error", problem: "monitor error", database: "/data/a.db" },
  ],
  [
    "a failed compaction, which has a second level",
    "litestream-sidecar",
    jsonLine(
      '"level":"ERROR","msg":"compaction failed","db":"/data/a.db","level":1,"error":"write ltx: EOF"',
    ),
    { level: "error", problem: "compaction failed", message: "compaction failed: write ltx: EOF" },
  ],
  [
    "a validation error, which has a second level",
    "litestream-sidecar",
    jsonLine(
      '"level":"ERROR","msg":"validation error detected","db":"/data/a.db","level":2,"error":"gap"',
    ),
    { level: "error", problem: "validation error detected" },
  ],
  [
    "a plain fatal error",
    "litestream-sidecar",
    "Error: cannot open replica: access denied",
    { level: "error", problem: "fatal error", database: "" },
  ],
  [
    "a failed restore",
    "litestream-restore-snapshot",
    jsonLine('"level":"ERROR","msg":"restore failed: see the line before","db":"/data/a.db"'),
    { level: "error", problem: "restore failed", database: "/data/a.db" },
  ],
  [
    "a failed verification",
    "backup-verification",
    jsonLine(
      '"level":"ERROR","msg":"verification failed: restore of /data/a.db: no backup","app":"notes","namespace":"x","db":"/data/a.db","step":"restore","outcome":"failed"',
    ),
    { level: "error", problem: "verification failed", database: "/data/a.db", app: "notes" },
  ],
  [
    "a file that was replaced",
    "litestream-sidecar",
    jsonLine(
      '"level":"ERROR","msg":"sync error","db":"/data/a.db","error":"cannot verify wal state: stat wal: no such file"',
    ),
    { level: "error", message: expect.stringContaining("cannot verify wal state") as never },
  ],
  [
    "a warning",
    "litestream-restore-snapshot",
    jsonLine('"level":"WARN","msg":"no backup found: the app starts empty","db":"/data/b.db"'),
    { level: "warning", problem: "no backup found", database: "/data/b.db" },
  ],
  [
    "a replica of LiteFS with another cluster id",
    "litefs",
    'level=INFO msg="687742A5CA3EEFA9: disconnected from primary with error, retrying: cannot stream from primary with a different cluster id: LFSC01 <> LFSC02"',
    { level: "error", problem: "cluster id mismatch" },
  ],
  [
    "a cluster of rqlite without a quorum",
    "rqlite",
    "[raft] 2026/01/01 00:00:00 [WARN]  failed to contact quorum of nodes, stepping down",
    { level: "error", problem: "lost quorum" },
  ],
  [
    "a recovery",
    "litestream-sidecar",
    jsonLine('"level":"INFO","msg":"replica sync recovered","db":"/data/a.db","replica":"s3"'),
    { level: "recovery", problem: "replica sync recovered", database: "/data/a.db" },
  ],
];

const CONTAINERS = [...new Set(LINES.map(([, container]) => container))];

withImage(ALERTS_DEFAULTS.image, "alerts of the logs of a cluster", () => {
  const apps = new Cluster("e2e-alerts-apps");
  const alerts = new Cluster("e2e-alerts");
  const deployment = new Deployment("e2e-alerts");
  const teller = new Teller(apps);
  let receiver: Receiver;

  /** Both, of which that of the alerts is given. */
  const namespaces = (stack: TerraformStack): Namespace => {
    const options = { podSecurity: "privileged", disposable: true } as const;
    new Namespace(stack, apps.namespace, options);
    return new Namespace(stack, alerts.namespace, options);
  };

  beforeAll(async () => {
    receiver = await Receiver.start();
    await deployment.apply((stack) => void namespaces(stack));
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "receivers", namespace: alerts.namespace },
      stringData: {
        webhook: receiver.url("webhook"),
        ntfy: receiver.url("ntfy"),
        gotify: receiver.url("gotify"),
        // With the line break of a file.
        token: "t0ken\n",
        heartbeat: `${receiver.url("heartbeat")}/{node}?create=1\n`,
      },
    };
    await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(secret) });
    await teller.start({
      ...Object.fromEntries(LINES.map((_, index) => [`app-${index}`, CONTAINERS])),
    });
    const key = (name: string) => ({ secret: Secret.existing("receivers"), key: name });
    const at = { port: receiver.port };
    await deployment.apply((stack) => {
      new LogAlerts(stack, "alerts", {
        namespace: namespaces(stack),
        receivers: [
          Alert.webhook({ url: key("webhook"), token: key("token"), ...at }),
          Alert.ntfy({ url: key("ntfy"), ...at, minimumLevel: "error" }),
          Alert.gotify({ url: key("gotify"), token: key("token"), ...at }),
          Alert.stdout(),
        ],
        throttle: { burst: 3, window: "30s", longestWindow: "2m" },
        heartbeat: { url: key("heartbeat"), every: "1m", ...at },
      });
    });
    await alerts.kubectl("rollout", "status", "daemonset/alerts", "--timeout=120s");
  });

  afterAll(async () => {
    await receiver?.stop();
    await deployment.clean();
  });

  const messages = (app: string, path = "webhook"): (Message & Received)[] =>
    receiver
      .of(path)
      .map((one) => ({ ...one, ...(JSON.parse(one.body) as Message) }))
      .filter((one) => one.app === app);
  const arrives = (app: string, seconds: number, matching: (message: Message) => boolean) =>
    eventually(`a message of ${app}`, seconds, () =>
      Promise.resolve(messages(app).find((one) => one.status === 200 && matching(one))),
    );

  test.each(LINES.map((line, index) => [...line, index] as const))(
    "%s arrives",
    async (_, container, line, expected, index) => {
      const name = expected.app ?? `app-${index}`;
      await teller.say(`app-${index}`, container, line);
      const found = await arrives(name, WITHIN, () => true);
      expect(found).toMatchObject({
        namespace: apps.namespace,
        ...expected,
        logs: `kubectl -n ${apps.namespace} logs app-${index}-0 -c ${container} --since=1h`,
      });
    },
  );

  test("what Litestream itself says arrives", async () => {
    await teller.start({ real: ["litestream-sidecar", "litestream-restore-snapshot"] });
    await teller.run(
      "real",
      "litestream-restore-snapshot",
      "litestream restore -config /nowhere.yml /data/a.db || true",
    );
    await arrives("real", WITHIN, ({ problem }) => problem === "fatal error");
    const config = `printf '%s\\n' 'logging: {type: json}' 'dbs: [{path: /tmp/a.db, replica: {type: file, path: /proc/replica}}]' > /tmp/litestream.yml`;
    await teller.run(
      "real",
      "litestream-sidecar",
      `sqlite3 /tmp/a.db 'PRAGMA journal_mode=WAL; CREATE TABLE t (x)'; ${config}; timeout 10 litestream replicate -config /tmp/litestream.yml || true`,
    );
    const found = await arrives("real", WITHIN, ({ database }) => database === "a.db");
    expect(found).toMatchObject({
      level: "error",
      message: expect.stringContaining("/proc/replica"),
    });
  });

  test("to each receiver as that wants it, with its own minimum level", async () => {
    await teller.say("app-0", "litestream-sidecar", jsonLine('"level":"WARN","msg":"slow"'));
    await arrives("app-0", WITHIN, ({ problem }) => problem === "slow");
    const [gotify] = receiver.of("gotify");
    expect(gotify).toMatchObject({ path: "/gotify/message", headers: { "x-gotify-key": "t0ken" } });
    expect(JSON.parse(gotify?.body ?? "")).toMatchObject({ priority: 8 });
    const [ntfy] = receiver.of("ntfy");
    expect(ntfy).toMatchObject({ path: "/ntfy", headers: { priority: "high" } });
    expect(receiver.of("webhook")[0]?.headers.authorization).toBe("t0ken");
    expect(receiver.of("gotify").some(({ body }) => body.includes("slow"))).toBe(true);
    expect(receiver.of("ntfy").some(({ body }) => body.includes("slow"))).toBe(false);
    const own = await alerts.kubectl("logs", "daemonset/alerts", "-c", "log-alerts");
    expect(own).toContain('"problem":"slow"');
    expect(own).not.toContain("t0ken");
  });

  test("lines of containers that are none of ours, and of pods that opted out, stay where they are", async () => {
    await teller.start({ other: ["app", "litestream-sidecar"] });
    await teller.start({ quiet: ["litestream-sidecar"] }, { "fluentbit.io/exclude": "true" });
    await teller.say("other", "app", jsonLine('"level":"ERROR","msg":"the app\'s own"'));
    await teller.say(
      "quiet",
      "litestream-sidecar",
      jsonLine('"level":"ERROR","msg":"monitor error"'),
    );
    await teller.say("other", "litestream-sidecar", jsonLine('"level":"ERROR","msg":"after both"'));
    await arrives("other", WITHIN, ({ problem }) => problem === "after both");
    expect(messages("other")).toHaveLength(1);
    expect(messages("quiet")).toHaveLength(0);
  });

  test("1,000 lines a second of one problem mute no other app", async () => {
    await teller.start({ loud: ["litestream-sidecar"], still: ["litestream-sidecar"] });
    const began = Date.now();
    const line = jsonLine(
      '"level":"ERROR","msg":"monitor error","db":"/data/a.db","error":"number #"',
    );
    const flood = teller.flood("loud", "litestream-sidecar", line, {
      perSecond: 1000,
      seconds: 60,
    });
    await arrives("loud", WITHIN, () => true);
    await teller.say("still", "litestream-sidecar", line);
    await arrives("still", WITHIN, () => true);
    expect(Date.now() - began).toBeLessThan(60 * SECONDS);
    await flood;
    const early = messages("loud").filter(({ at }) => at < began + 60 * SECONDS);
    expect(early.length).toBeGreaterThanOrEqual(4);
    expect(early.length).toBeLessThanOrEqual(6);
    // Nothing is left uncounted: the last of them come with a window that has ended.
    await eventually("all are counted", 240, () =>
      Promise.resolve(
        messages("loud").reduce((sum, { leftOut }) => sum + 1 + leftOut, 0) === 60_000,
      ),
    );
  });

  test("a receiver that is down for a minute misses nothing", async () => {
    await teller.start({ patient: ["litestream-sidecar"] });
    await receiver.close();
    for (const problem of ["first", "second", "third"])
      await teller.say(
        "patient",
        "litestream-sidecar",
        jsonLine(`"level":"ERROR","msg":"${problem}"`),
      );
    await new Promise((resolve) => setTimeout(resolve, 60 * SECONDS));
    await receiver.listen();
    const problems = () => [...new Set(messages("patient").map(({ problem }) => problem))].sort();
    await eventually("all have arrived", 180, () => Promise.resolve(problems().length === 3));
    expect(problems()).toEqual(["first", "second", "third"]);
    expect(messages("patient")).toHaveLength(3);
  });

  test("a message that is refused takes no other along, and other receivers hear of it", async () => {
    await teller.start({ refused: ["litestream-sidecar"] });
    receiver.answer("webhook", 400);
    for (const problem of ["first", "second", "third"])
      await teller.say(
        "refused",
        "litestream-sidecar",
        jsonLine(`"level":"ERROR","msg":"${problem}"`),
      );
    await eventually("all were sent", WITHIN, () =>
      Promise.resolve(messages("refused").length === 3),
    );
    expect(
      messages("refused")
        .map(({ status }) => status)
        .sort(),
    ).toEqual([200, 200, 400]);
    await eventually("gotify hears of it", WITHIN, () =>
      Promise.resolve(
        receiver
          .of("gotify")
          .some(({ body }) => body.includes("webhook refused a message: HTTP 400")),
      ),
    );
    expect(messages("alerts")).toEqual([]);
  });

  test("what wasn't delivered outlives the pod, and what was read isn't read again", async () => {
    await teller.start({ survivor: ["litestream-sidecar"] });
    receiver.answer("webhook", ...Array<number>(30).fill(503));
    await teller.say("survivor", "litestream-sidecar", jsonLine('"level":"ERROR","msg":"kept"'));
    await eventually("a first attempt", WITHIN, () =>
      Promise.resolve(messages("survivor").length > 0),
    );
    await alerts.kubectl("rollout", "restart", "daemonset/alerts");
    await alerts.kubectl("rollout", "status", "daemonset/alerts", "--timeout=120s");
    receiver.answer("webhook");
    await arrives("survivor", 60, ({ problem }) => problem === "kept");
    await teller.say("survivor", "litestream-sidecar", jsonLine('"level":"ERROR","msg":"later"'));
    await arrives("survivor", WITHIN, ({ problem }) => problem === "later");
    expect(messages("survivor").filter(({ status }) => status === 200)).toHaveLength(2);
  });

  test("the heartbeat comes as long as lines come through, from each node", async () => {
    const [node] = (
      await run("kubectl", ["get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"])
    ).split(" ");
    const before = receiver.of("heartbeat").length;
    await eventually("a heartbeat", 150, () =>
      Promise.resolve(receiver.of("heartbeat").length > before),
    );
    expect(receiver.of("heartbeat").at(-1)).toMatchObject({
      method: "POST",
      path: `/heartbeat/${node}?create=1`,
    });
  });
});
