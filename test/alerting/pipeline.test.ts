import { parse } from "yaml";
import { Alert, type AlertReceiver, Secret } from "../../src";
import { alertsConfig } from "../../src/alerting/config";
import { alertFiles } from "../../src/alerting/files";
import { CONTAINER } from "../../src/kubernetes/names";
import { token, url } from "../support/alerting";
import { FluentBit, withFluentBit } from "../support/fluent-bit";
import { OWN } from "../support/lua";
import { until, untemplated } from "../support/proof";
import { Receivers } from "../support/reporter";

jest.setTimeout(30_000);

const key = (name: string) => ({ secret: Secret.existing("postbox"), key: name });

/** The file as Fluent Bit reads it, and what it reads in it. */
function rendered(props: object = {}): Record<string, any> {
  const all = { receivers: [Alert.slack({ url })], ...props };
  const files = alertFiles(alertsConfig("alerts", "log-alerts", all as never));
  const text = untemplated(files["fluent-bit.yaml"] ?? "");
  return { settings: files["settings.lua"], ...(parse(text) as object) };
}

const EVERY: [name: string, receiver: AlertReceiver][] = [
  ["slack", Alert.slack({ url })],
  ["gotify", Alert.gotify({ url, token })],
  ["ntfy", Alert.ntfy({ url })],
  ["ntfy with a token", Alert.ntfy({ url, token })],
  ["discord", Alert.discord({ url })],
  ["teams", Alert.teams({ url })],
  ["webhook", Alert.webhook({ url })],
  ["webhook with a token", Alert.webhook({ url, token })],
  ["stdout", Alert.stdout()],
];
const receivers = EVERY.map(([, receiver]) => receiver);

describe("the outputs", () => {
  const posted = (name: string, header?: string) => {
    const variable = name.toUpperCase().replace("-", "_");
    return {
      name: "http",
      alias: name,
      match: `alert.${name}.*`,
      host: `\${${variable}_HOST}`,
      port: `\${${variable}_PORT}`,
      uri: `\${${variable}_PATH}`,
      tls: `\${${variable}_TLS}`,
      ...(header !== undefined && { header }),
    };
  };
  const HEADERS: Record<string, string> = {
    gotify: "X-Gotify-Key ${GOTIFY_TOKEN}",
    "ntfy with a token": "Authorization Bearer ${NTFY_TOKEN}",
    "webhook with a token": "Authorization ${WEBHOOK_TOKEN}",
  };

  test.each(EVERY.filter(([name]) => name !== "stdout"))("post to %s", (name, receiver) => {
    const { env, pipeline } = rendered({ receivers: [receiver] });
    const kind = receiver.kind;
    const [tick, output, ...others] = pipeline.outputs;
    expect(tick).toEqual({ name: "stdout", alias: "tick", match: "tick", format: "json_lines" });
    expect(others).toEqual([]);
    expect(output).toMatchObject(posted(kind, HEADERS[name]));
    expect("header" in output).toBe(name in HEADERS);
    expect(env).toEqual(
      ["host", "port", "path", "tls", ...(receiver.token ? ["token"] : [])].map((part) => ({
        name: `${kind}_${part}`.toUpperCase(),
        uri: `file:///endpoints/${kind}.${part}`,
      })),
    );
  });

  test("of HTTP keep what isn't taken, send what the filter made, and are sure who takes it", () => {
    expect(rendered().pipeline.outputs[1]).toMatchObject({
      body_key: "$body",
      headers_key: "$headers",
      retry_limit: "no_limits",
      "storage.total_limit_size": expect.stringMatching(/^\d+M$/),
      "tls.verify": "on",
      "tls.verify_hostname": "on",
      log_response_payload: "off",
    });
  });

  test("to the pods' own log are lines of JSON", () => {
    const { env, pipeline } = rendered({ receivers: [Alert.stdout()] });
    expect(env).toEqual([]);
    expect(pipeline.outputs.slice(1)).toEqual([
      { name: "stdout", alias: "stdout", match: "alert.stdout.*", format: "json_lines" },
    ]);
  });

  test("of one kind have a number from the second on", () => {
    const { pipeline, env } = rendered({ receivers: [...receivers, ...receivers] });
    const aliases = pipeline.outputs.map(({ alias }: { alias: string }) => alias);
    expect(aliases).toEqual([
      "tick",
      ...[
        "slack",
        "gotify",
        "ntfy",
        "ntfy-2",
        "discord",
        "teams",
        "webhook",
        "webhook-2",
        "stdout",
      ],
      ...["slack-2", "gotify-2", "ntfy-3", "ntfy-4", "discord-2", "teams-2"],
      ...["webhook-3", "webhook-4", "stdout-2"],
    ]);
    const patterns = pipeline.outputs.map(({ match }: { match: string }) => match);
    expect(patterns).toEqual([
      "tick",
      ...aliases.slice(1).map((name: string) => `alert.${name}.*`),
    ]);
    expect(pipeline.outputs[10]).toMatchObject(posted("slack-2"));
    expect(env).toContainEqual({ name: "SLACK_2_HOST", uri: "file:///endpoints/slack-2.host" });
  });

  test("ping the heartbeat's URL, and don't keep what it didn't take", () => {
    const { pipeline, settings } = rendered({ heartbeat: { url, every: "10m" } });
    expect(pipeline.outputs[2]).toMatchObject({ ...posted("heartbeat"), retry_limit: 1 });
    expect(settings).toContain("every = 600,");
    expect(rendered().settings).toContain("every = nil,");
  });
});

describe("the input", () => {
  const paths = (props?: object) => rendered(props).pipeline.inputs[0].path.split(",") as string[];

  test("is the logs of every container but the app's, the router's and the one that runs before Fluent Bit", () => {
    const { app, router, endpoints, ...watched } = CONTAINER;
    expect([app, router, endpoints]).toEqual(["app", "litefs-router", "log-alerts-endpoints"]);
    expect(paths().sort()).toEqual(
      Object.values(watched)
        .map((name) => `/var/log/containers/*_${name}-*.log`)
        .sort(),
    );
  });

  test("is in another folder when that is declared, and its pods are still known", () => {
    const props = { logFolder: "/mnt/logs.d" };
    expect(new Set(paths(props).map((path) => path.replace(/\/[^/]*$/, "")))).toEqual(
      new Set(["/mnt/logs.d/containers"]),
    );
    expect(rendered(props).pipeline.filters[0].kube_tag_prefix).toBe("kube.mnt.logs.d.containers.");
    expect(rendered().pipeline.filters[0].kube_tag_prefix).toBe("kube.var.log.containers.");
  });

  test("is read from its beginning, in the formats of containerd and Docker, and remembered", () => {
    expect(rendered().pipeline.inputs[0]).toMatchObject({
      "multiline.parser": "docker, cri",
      read_from_head: "on",
      refresh_interval: 5,
      skip_long_lines: "on",
      db: "/state/offsets.db",
    });
    expect(rendered().service["storage.path"]).toBe("/state/chunks");
  });
});

test("the filters find out whose line it is, make messages of it, and give each its own way", () => {
  const [kubernetes, lua, rewrite, ...others] = rendered().pipeline.filters;
  expect(kubernetes).toMatchObject({
    name: "kubernetes",
    match: "kube.*",
    merge_log: "on",
    merge_log_key: "parsed",
    keep_log: "on",
    labels: "on",
    "k8s-logging.exclude": "on",
    "k8s-logging.parser": "off",
  });
  expect(lua).toEqual({
    ...{ name: "lua", match: "kube.*" },
    ...{ script: "/etc/log-alerts/alerts.lua", call: "alerts" },
  });
  expect(rewrite).toMatchObject({
    name: "rewrite_tag",
    match: "kube.*",
    rule: "$tag ^(alert\\..+)$ $1 false",
    "emitter_storage.type": "filesystem",
  });
  expect(others).toEqual([]);
});

test("the filter knows how often and whom to tell", () => {
  const { settings } = rendered({
    receivers: [Alert.slack({ url }), Alert.slack({ url, minimumLevel: "error" }), Alert.stdout()],
    throttle: { burst: 5, window: "1m30s", longestWindow: "1h" },
  });
  expect(settings).toContain("throttle = { burst = 5, window = 90, longest = 3600 },");
  expect(settings).toContain(`receivers = {
    { name = "slack", kind = "slack", minimum = "warning" },
    { name = "slack-2", kind = "slack", minimum = "error" },
    { name = "stdout", kind = "stdout", minimum = "warning" },
  },`);
  expect(rendered().settings).toContain("burst = 3, window = 900, longest = 14400");
});

test("no file says which Secret holds a URL or a token, nor what", () => {
  const config = alertsConfig("alerts", "log-alerts", {
    receivers,
    heartbeat: { url },
  });
  expect(JSON.stringify(alertFiles(config))).not.toContain("postbox");
});

withFluentBit("Fluent Bit reads the configuration", () => {
  const VALUE = (name: string) => (name.includes("token") ? "t0ken" : "http://127.0.0.1:1/x");
  const CONFIGURATIONS: [name: string, props: object][] = [
    ...EVERY.map(([name, one]): [string, object] => [name, { receivers: [one] }]),
    ["everybody twice", { receivers: [...receivers, ...receivers] }],
    ["a heartbeat", { receivers: [Alert.stdout()], heartbeat: { url } }],
    ["everything", { receivers, heartbeat: { url }, throttle: { burst: 1, window: "1s" } }],
  ];

  test.each(CONFIGURATIONS)("with %s", (_, props) => {
    const { status, output } = new FluentBit(props as never, VALUE).dryRun();
    expect(output).toContain("configuration test is successful");
    expect(output).not.toMatch(/\[(error|warn)\]/);
    expect(status).toBe(0);
  });
});

withFluentBit("Fluent Bit, running,", () => {
  const ODD = `we"b$h&o'o\`k\\\\x%20/\${HOME}/$\{X}/`;
  const TOKEN = `Bearer  a"b'c\`$d \\e \${HOME} ,x;y%20=`;
  let server: Receivers;
  let fluentBit: FluentBit;
  const of = (path: string) => server.requests.filter((one) => one.path.startsWith(path));
  const bodies = (path: string) => of(path).map(({ body }) => JSON.parse(body));
  const error = (msg: string) =>
    `{"level":"ERROR","msg":"${msg}","db":"a.db","level":1,"error":"e"}`;

  beforeAll(async () => {
    server = await Receivers.start();
    server.answer = ({ path }) => (path.startsWith("/refuses") ? 400 : 200);
    const values: Record<string, string> = {
      odd: `${server.url(`/${ODD}`)}?a=\${X}&b={node}#part\n`,
      "odd-token": `${TOKEN}\n`,
      gotify: server.url("/gotify/"),
      "gotify-token": "${X}",
      ntfy: server.url("/topic"),
      "ntfy-token": "tk_1 2",
      refuses: server.url("/refuses"),
      away: "http://127.0.0.1:1/",
      v6: "http://[::1]:1/v6",
      heartbeat: `${server.url("/ping/{node}")}?create=1`,
    };
    fluentBit = new FluentBit(
      {
        receivers: [
          Alert.webhook({ url: key("odd"), token: key("odd-token") }),
          Alert.gotify({ url: key("gotify"), token: key("gotify-token") }),
          Alert.ntfy({ url: key("ntfy"), token: key("ntfy-token") }),
          Alert.slack({ url: key("away"), minimumLevel: "error" }),
          Alert.teams({ url: key("v6"), minimumLevel: "error" }),
          Alert.discord({ url: key("refuses"), minimumLevel: "error" }),
          Alert.stdout(),
        ],
        heartbeat: { url: key("heartbeat"), every: "1m" },
      },
      (name) => values[name] ?? "",
      {
        "notes-0": { labels: { "app.kubernetes.io/name": "my-notes" } },
        [OWN.pod]: { labels: { "app.kubernetes.io/name": "my-alerts" } },
        "quiet-0": { annotations: { "fluentbit.io/exclude": "true" } },
      },
    );
    expect(fluentBit.refused).toBe("");
    fluentBit.say("quiet-0", "apps", "litestream-sidecar", error("not told"));
    fluentBit.say("notes-0", "apps", "app", error("not read"));
    fluentBit.say("notes-0", "apps", "litestream-sidecar", '{"level":"WARN","msg":"slow"}');
    await fluentBit.start();
    // Each receiver by itself.
    await until(() => ["/we", "/gotify", "/topic"].every((path) => of(path).length > 0));
  });
  afterAll(async () => {
    await fluentBit.stop();
    server.stop();
  });

  test("sends what a container says, with what the API server knows of its pod", () => {
    expect(bodies("/we")).toMatchObject([
      { level: "warning", problem: "slow", app: "my-notes", namespace: "apps", pod: "notes-0" },
    ]);
  });

  test("sends URL and token as they are, whatever characters are in them", () => {
    expect(of("/we")[0]).toMatchObject({
      method: "POST",
      path: `/${ODD}?a=\${X}&b=node-1`,
      headers: { authorization: TOKEN, "content-type": "application/json" },
    });
    expect(of("/gotify")[0]).toMatchObject({
      path: "/gotify/message",
      headers: { "x-gotify-key": "${X}" },
    });
    expect(of("/topic")[0]).toMatchObject({
      body: expect.stringMatching(/^slow\n/),
      headers: { authorization: "Bearer tk_1 2", title: "my-notes (apps): slow" },
    });
  });

  test("pings as soon as its own lines come back through the node's log folder", async () => {
    await until(() => of("/ping").length > 0);
    expect(of("/ping")[0]).toMatchObject({
      method: "POST",
      path: "/ping/node-1?create=1",
      body: "alerts are read and delivered\n",
    });
  });

  test("tells others of a receiver that refuses a message, and loses no other one", async () => {
    for (const msg of ["first", "second"])
      fluentBit.say("lost-0", "apps", "litestream-sidecar", error(msg));
    await until(() => bodies("/we").length === 5);
    const found = bodies("/we").slice(1);
    expect(found).toContainEqual(
      expect.objectContaining({ problem: "discord takes no alerts", app: "my-alerts" }),
    );
    // The API server doesn't know its pod.
    expect(found).toContainEqual(expect.objectContaining({ problem: "first", app: "lost" }));
    expect(found).toContainEqual(
      expect.objectContaining({ problem: "second", message: "second: e" }),
    );
    expect(of("/refuses")).toHaveLength(2);
  });

  test("has an address of IPv6 looked for where it is", async () => {
    await until(() =>
      fluentBit.log.includes("[output:http:teams] no upstream connections available to ::1:1"),
    );
  });

  test("shows no token, and reads no more than it should", () => {
    expect(fluentBit.log).toContain('"problem":"slow"');
    for (const secret of ["a\"b'c", "tk_1 2"]) expect(fluentBit.log).not.toContain(secret);
    expect(JSON.stringify(bodies("/we"))).not.toMatch(/not (told|read)/);
  });
});
