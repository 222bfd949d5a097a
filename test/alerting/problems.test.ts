import { Alert, LogAlerts, Namespace, Secret, variable, WriteOnlySecret } from "../../src";
import { problemsOf, token, url } from "../support/alerting";
import { newApp, ownStack } from "../support/synth";
import { reported } from "../support/verification";

const elsewhere = ownStack(newApp());
const expression = variable(elsewhere, "any", { type: "string" }).stringValue;
const number = variable(elsewhere, "some", { type: "number" }).numberValue;

const PROPS =
  "Take one of name, namespace, receivers, throttle, heartbeat, cluster, logFolder, linkedFolders, stateFolder, networkPolicy, apiServerPort, resources, image, shellImage, imagePullSecrets, nodeSelector, tolerations, priorityClassName, provider.";
const LABEL =
  'is not a DNS label. Write at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit';
const DURATION = 'Write a number with ms, s, m or h, for example "30s" or "24h".';
const KNOWN =
  'is known only at apply, but the pod is made by it. Write the duration itself, for example "30s".';
const RECEIVERS =
  'Write for example [Alert.slack({ url: { secret: Secret.existing("alerts"), key: "slack" } })].';
const FOLDER = 'is not an absolute path of plain names. Write for example "/var/log".';
const IMAGE =
  'is not an image with a tag. Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".';
const MESSAGES = "is not a number of messages. Write a whole number from 1 to 100, for example 3.";
const FLAG = "is neither true nor false at synth. Write true or false itself.";
const URL = 'Put it into a Secret and write { secret: Secret.existing("name"), key: "url" }.';

/** What an author writes wrong, and the one line that comes of it. */
const CASES: [string, object, string][] = [
  ["a mistyped prop", { receiver: [] }, `receiver: is unknown. ${PROPS}`],
  ["a name with capitals", { name: "Alerts" }, `name: "Alerts" ${LABEL}, for example "alerts".`],
  [
    "a name of 64 characters",
    { name: "a".repeat(64) },
    `name: "${"a".repeat(64)}" ${LABEL}, for example "${"a".repeat(63)}".`,
  ],
  [
    "a namespace that is none",
    { namespace: "log_alerts" },
    `namespace: "log_alerts" ${LABEL}, for example "log-alerts".`,
  ],

  // Who is told.
  ["nobody told", { receivers: undefined }, `receivers: is missing. ${RECEIVERS}`],
  ["an empty list", { receivers: [] }, `receivers: names nobody. ${RECEIVERS}`],
  [
    "a receiver that is no list",
    { receivers: Alert.slack({ url }) },
    `receivers: is no list. ${RECEIVERS}`,
  ],
  [
    "a namespace as a number",
    { namespace: 7 },
    'namespace: is no namespace. Write a Namespace with podSecurity: "privileged", or a name.',
  ],
  [
    "a throttle as text",
    { throttle: "fast" },
    'throttle: "fast" is no throttle. Write for example { window: "30m" }.',
  ],
  [
    "a log folder known at apply",
    { logFolder: expression },
    'logFolder: is known only at apply, but decides what is synthesized. Write the path itself, for example "/var/log".',
  ],
  [
    "a Secret of another namespace",
    {
      receivers: [Alert.slack({ url: { ...url, secret: { ...url.secret, namespace: "apps" } } })],
    },
    'receivers[0].url: "postbox" is a Secret in namespace apps, which pods of log-alerts can\'t read. Make it in the namespace of the alerts.',
  ],
  [
    "a token's Secret of another namespace",
    {
      receivers: [
        Alert.gotify({ url, token: { ...token, secret: { ...token.secret, namespace: "apps" } } }),
      ],
    },
    'receivers[0].token: "postbox" is a Secret in namespace apps, which pods of log-alerts can\'t read. Make it in the namespace of the alerts.',
  ],
  [
    "a heartbeat as text",
    { heartbeat: "https://hc-ping.com/1" },
    `heartbeat.url: is missing. ${URL}`,
  ],
  [
    "a heartbeat's URL as text",
    { heartbeat: { url: "https://hc-ping.com/1" } },
    `heartbeat.url: is written out, and whoever has it can report in your name. ${URL}`,
  ],
  [
    "a heartbeat that comes too often",
    { heartbeat: { url, every: "30s" } },
    'heartbeat.every: "30s" is less than 1m. Write "1m" or more.',
  ],
  [
    "a heartbeat known at apply",
    { heartbeat: { url, every: expression } },
    `heartbeat.every: ${KNOWN}`,
  ],
  [
    "a heartbeat as a number",
    { heartbeat: { url, every: 5 } },
    `heartbeat.every: 5 is not a duration. ${DURATION}`,
  ],
  [
    "a heartbeat with a token",
    { heartbeat: { url, token } },
    "heartbeat.token: is unknown. Take one of url, port, namespace, every.",
  ],
  [
    "a heartbeat's port that is none",
    { heartbeat: { url, port: 0 } },
    "heartbeat.port: 0 is not a port. Write a number from 1 to 65535.",
  ],

  // How often.
  [
    "a mistyped key of throttle",
    { throttle: { windows: "1h" } },
    "throttle.windows: is unknown. Take one of burst, window, longestWindow.",
  ],
  ["no message at once", { throttle: { burst: 0 } }, `throttle.burst: 0 ${MESSAGES}`],
  ["half a message", { throttle: { burst: 1.5 } }, `throttle.burst: 1.5 ${MESSAGES}`],
  ["too many at once", { throttle: { burst: 101 } }, `throttle.burst: 101 ${MESSAGES}`],
  ["a burst as text", { throttle: { burst: "3" } }, `throttle.burst: "3" ${MESSAGES}`],
  ["a burst known at apply", { throttle: { burst: number } }, `throttle.burst: ${MESSAGES}`],
  [
    "a window of zero",
    { throttle: { window: "0s" } },
    'throttle.window: "0s" is less than 1s. Write "1s" or more.',
  ],
  [
    "a window with a word",
    { throttle: { window: "15 min" } },
    `throttle.window: "15 min" is not a duration. ${DURATION}`,
  ],
  ["a window known at apply", { throttle: { window: expression } }, `throttle.window: ${KNOWN}`],
  [
    "a longest window in days",
    { throttle: { longestWindow: "1d" } },
    'throttle.longestWindow: "1d" is not a duration. Go durations have no days: write "24h".',
  ],
  [
    "a longest window known at apply",
    { throttle: { longestWindow: expression } },
    `throttle.longestWindow: ${KNOWN}`,
  ],
  [
    "a longest window of less than a second",
    { throttle: { longestWindow: "500ms" } },
    'throttle.longestWindow: "500ms" is less than 1s. Write "1s" or more.',
  ],
  [
    "a longest window below the default first one",
    { throttle: { longestWindow: "10m" } },
    'throttle.longestWindow: "10m" is shorter than window, "15m". Write longestWindow: "15m" or more.',
  ],
  [
    "a longest window below the first one",
    { throttle: { window: "2h", longestWindow: "1h" } },
    'throttle.longestWindow: "1h" is shorter than window, "2h". Write longestWindow: "2h" or more.',
  ],
  [
    "a first window above the default longest one",
    { throttle: { window: "5h" } },
    'throttle.window: "5h" is longer than longestWindow, "4h". Write longestWindow: "5h" or more.',
  ],

  // Where.
  ["a log folder that is relative", { logFolder: "var/log" }, `logFolder: "var/log" ${FOLDER}`],
  [
    "a log folder with a slash at its end",
    { logFolder: "/var/log/" },
    `logFolder: "/var/log/" ${FOLDER}`,
  ],
  ["a log folder with a pattern", { logFolder: "/var/*" }, `logFolder: "/var/*" ${FOLDER}`],
  [
    "a linked folder that is relative",
    { linkedFolders: ["/var/lib/docker/containers", "docker"] },
    `linkedFolders[1]: "docker" ${FOLDER}`,
  ],
  [
    "a state folder with a variable of the shell",
    { stateFolder: "$HOME/alerts" },
    `stateFolder: "$HOME/alerts" ${FOLDER}`,
  ],
  ["a network policy as text", { networkPolicy: "no" }, `networkPolicy: ${FLAG}`],
  ["a network policy known at apply", { networkPolicy: expression }, `networkPolicy: ${FLAG}`],
  [
    "a port that is none",
    { apiServerPort: 65_536 },
    "apiServerPort: 65536 is not a port. Write a number from 1 to 65535.",
  ],
  [
    "a port as text",
    { apiServerPort: "6443" },
    'apiServerPort: "6443" is not a port. Write a number from 1 to 65535.',
  ],
  [
    "resources that are none",
    { resources: { limits: { memory: "much" } } },
    'resources.limits.memory: "much" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],
  [
    "more asked for than allowed",
    { resources: { requests: { cpu: "1" }, limits: { cpu: "200m" } } },
    'resources.requests.cpu: "1" is more than the limit "200m". Raise the limit or lower the request.',
  ],
  ["an image without a tag", { image: "fluent/fluent-bit" }, `image: "fluent/fluent-bit" ${IMAGE}`],
  ["an image for sh without a tag", { shellImage: "busybox" }, `shellImage: "busybox" ${IMAGE}`],

  // Shapes that a type check would have found.
  [
    "linked folders that are no list",
    { linkedFolders: "/var/lib/docker" },
    "props: can't be read: (props.linkedFolders ?? []).flatMap is not a function or its return value is not iterable. A value has another type than its prop: npx tsc --noEmit says which.",
  ],
];

test.each(CASES)("%s", (_, props, line) => {
  expect(problemsOf(props)).toEqual([`own/alerts: ${line}`]);
});

test("no props at all", () => {
  const tree = newApp();
  new LogAlerts(ownStack(tree), "alerts", undefined as never);
  expect(reported(tree)).toEqual([
    expect.stringMatching(/^own\/alerts: props: can't be read: .* npx tsc --noEmit says which\.$/),
  ]);
});

test.each(["restricted", "baseline"] as const)("a namespace that is %s", (podSecurity) => {
  const tree = newApp();
  const stack = ownStack(tree);
  const namespace = new Namespace(stack, "monitoring", { podSecurity });
  new LogAlerts(stack, "alerts", { namespace, receivers: [Alert.stdout()] });
  expect(reported(tree)).toEqual([
    `own/alerts: namespace: enforces Pod Security "${podSecurity}", which allows no folder of the node. Give it podSecurity: "privileged", or leave namespace out.`,
  ]);
});

/** What somebody writes wrong who is to be told, as the second of the receivers. */
const OF_RECEIVERS: [string, unknown, string][] = [
  [
    "a URL alone",
    "https://hooks.example.com",
    ': "https://hooks.example.com" is no receiver. Write Alert.slack, Alert.gotify, Alert.ntfy, Alert.discord, Alert.teams, Alert.webhook, Alert.stdout with the URL\'s Secret.',
  ],
  [
    "a receiver of another kind",
    { kind: "mail", url },
    ": is no receiver. Write Alert.slack, Alert.gotify, Alert.ntfy, Alert.discord, Alert.teams, Alert.webhook, Alert.stdout with the URL's Secret.",
  ],
  [
    "nothing",
    null,
    ": is no receiver. Write Alert.slack, Alert.gotify, Alert.ntfy, Alert.discord, Alert.teams, Alert.webhook, Alert.stdout with the URL's Secret.",
  ],
  [
    "a URL as plain text",
    { kind: "slack", url: "https://hooks.slack.com/services/1" },
    `.url: is written out, and whoever has it can report in your name. ${URL}`,
  ],
  [
    "a URL from a variable",
    { kind: "discord", url: expression },
    `.url: is written out, and whoever has it can report in your name. ${URL}`,
  ],
  ["no URL", { kind: "teams" }, `.url: is missing. ${URL}`],
  [
    "a URL without its key",
    { kind: "slack", url: { secret: Secret.existing("alerts") } },
    ".url.key: names no key. Name the Secret's key.",
  ],
  [
    "a Secret as text",
    { kind: "slack", url: { secret: "alerts", key: "slack" } },
    '.url.secret: "alerts" names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "a Secret's name that is none",
    { kind: "slack", url: { secret: Secret.existing("my_alerts"), key: "slack" } },
    '.url.secret.name: "my_alerts" is not a DNS label. Write at most 253 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "my-alerts".',
  ],
  [
    "gotify without a token",
    { kind: "gotify", url },
    '.token: is missing. Write { secret: Secret.existing("name"), key: "token" }.',
  ],
  [
    "a token as plain text",
    { kind: "ntfy", url, token: "tk_abc" },
    '.token: is a secret, and would stand in the ConfigMap. Write { secret: Secret.existing("name"), key: "key" }.',
  ],
  [
    "a token that nobody reads",
    { kind: "slack", url, token },
    ".token: is unknown. Take one of kind, minimumLevel, url, port, namespace.",
  ],
  [
    "a URL for the pods' own log",
    { kind: "stdout", url },
    ".url: is unknown. Take one of kind, minimumLevel.",
  ],
  [
    "another level",
    { kind: "slack", url, minimumLevel: "info" },
    '.minimumLevel: "info" is unknown. Write "warning" or "error".',
  ],
  [
    "a level as logs have it",
    { kind: "stdout", minimumLevel: "WARN" },
    '.minimumLevel: "WARN" is unknown. Write "warning" or "error".',
  ],
  [
    "a level known at apply",
    { kind: "slack", url, minimumLevel: expression },
    '.minimumLevel: is known only at apply, but decides what is synthesized. Write "warning" or "error".',
  ],
  [
    "a port that is none",
    { kind: "slack", url, port: 65_536 },
    ".port: 65536 is not a port. Write a number from 1 to 65535.",
  ],
  [
    "a namespace that is none",
    { kind: "webhook", url, namespace: "my_ns" },
    `.namespace: "my_ns" ${LABEL}, for example "my-ns".`,
  ],
  [
    "a mistyped option",
    { kind: "gotify", url, token, level: "error" },
    ".level: is unknown. Take one of kind, minimumLevel, url, port, namespace, token.",
  ],
];

test.each(OF_RECEIVERS)("a receiver: %s", (_, receiver, line) => {
  expect(problemsOf({ receivers: [Alert.stdout(), receiver] })).toEqual([
    `own/alerts: receivers[1]${line}`,
  ]);
});

test("everything that is wrong is said at once", () => {
  const props = {
    receivers: [Alert.slack({ url: { secret: Secret.existing("alerts"), key: "" } })],
    throttle: { burst: 0, window: "soon" },
    image: "fluent-bit",
  };
  expect(problemsOf(props)).toEqual([
    'own/alerts: receivers[0].url.key: "" names no key. Name the Secret\'s key.',
    `own/alerts: throttle.burst: 0 ${MESSAGES}`,
    `own/alerts: throttle.window: "soon" is not a duration. ${DURATION}`,
    `own/alerts: image: "fluent-bit" ${IMAGE}`,
  ]);
});

test("a Secret that Terraform makes in a namespace that the alerts make", () => {
  const tree = newApp();
  const stack = ownStack(tree);
  const secret = new WriteOnlySecret(stack, "receivers", {
    namespace: "log-alerts",
    revision: 1,
    data: { slack: "any" },
  });
  new LogAlerts(stack, "alerts", {
    receivers: [Alert.stdout()],
    heartbeat: { url: { secret, key: "slack" } },
  });
  expect(reported(tree)).toEqual([
    'own/alerts: heartbeat.url: "receivers" is made by Terraform, which doesn\'t know that its namespace has to be there first. Make a Namespace with podSecurity: "privileged", and give it to the Secret and to the alerts.',
  ]);
});

test("two that share a folder of the nodes", () => {
  const tree = newApp();
  const stack = ownStack(tree);
  const namespace = "alerts";
  const shared = { namespace, receivers: [Alert.stdout()], stateFolder: "/var/lib/alerts" };
  new LogAlerts(stack, "one", shared);
  new LogAlerts(stack, "two", shared);
  expect(reported(tree)).toEqual([
    'own/two: stateFolder: "/var/lib/alerts" is the folder of the nodes of own/one (stateFolder) already. Give one of the two another folder.',
  ]);
});
