import { Alert, type AlertReceiver } from "../../src";
import { token, url } from "../support/alerting";
import { type Line, type Options, type Told, told, withLua } from "../support/lua";

const sidecar = (level: string, msg: string, more: object = {}): Line => ({
  at: 5,
  log: JSON.stringify({ level, msg, db: "a.db", ...more }),
});
const LINES: Record<string, Line> = {
  error: sidecar("ERROR", "monitor error", { error: "403" }),
  warning: sidecar("WARN", "slow"),
  recovery: sidecar("INFO", "replica sync recovered"),
};
const COMMAND = "kubectl -n apps logs notes-0 -c litestream-sidecar --since=1h";
const AT = "At 2026-01-01 00:00:05 UTC.";

const JSON_HEADERS = { "Content-Type": "application/json" };
const card = (...texts: [title: string, what: string]) => ({
  type: "message",
  attachments: [
    {
      contentType: "application/vnd.microsoft.card.adaptive",
      content: {
        type: "AdaptiveCard",
        version: "1.4",
        body: [
          { type: "TextBlock", text: texts[0], weight: "bolder", wrap: true },
          { type: "TextBlock", text: texts[1], wrap: true },
          { type: "TextBlock", text: AT, wrap: true },
          { type: "TextBlock", text: COMMAND, fontType: "monospace", wrap: true },
        ],
      },
    },
  ],
});
const fields = (level: string, problem: string, message: string) => ({
  level,
  problem,
  app: "notes",
  namespace: "apps",
  cluster: "",
  database: "a.db",
  message,
  time: "2026-01-01T00:00:05Z",
  since: "2026-01-01T00:00:05Z",
  leftOut: 0,
  node: "node-1",
  pod: "notes-0",
  container: "litestream-sidecar",
  logs: COMMAND,
});

/** What each kind is sent for an error, a warning and a recovery. */
const POSTED: [kind: string, receiver: AlertReceiver, bodies: Record<string, unknown>][] = [
  [
    "webhook",
    Alert.webhook({ url }),
    {
      error: fields("error", "monitor error", "monitor error: 403"),
      warning: fields("warning", "slow", "slow"),
      recovery: fields("recovery", "replica sync recovered", "replica sync recovered"),
    },
  ],
  [
    "slack",
    Alert.slack({ url }),
    {
      error: {
        text: `:rotating_light: *notes (apps): monitor error*\na.db: monitor error: 403\n${AT}\n\`${COMMAND}\``,
      },
      warning: { text: `:warning: *notes (apps): slow*\na.db: slow\n${AT}\n\`${COMMAND}\`` },
      recovery: {
        text: `:white_check_mark: *notes (apps): replica sync recovered*\na.db: replica sync recovered\n${AT}\n\`${COMMAND}\``,
      },
    },
  ],
  [
    "gotify",
    Alert.gotify({ url, token }),
    {
      error: {
        title: "notes (apps): monitor error",
        message: `a.db: monitor error: 403\n${AT}\n${COMMAND}`,
        priority: 8,
      },
      warning: {
        title: "notes (apps): slow",
        message: `a.db: slow\n${AT}\n${COMMAND}`,
        priority: 5,
      },
      recovery: {
        title: "notes (apps): replica sync recovered",
        message: `a.db: replica sync recovered\n${AT}\n${COMMAND}`,
        priority: 4,
      },
    },
  ],
  [
    "discord",
    Alert.discord({ url }),
    {
      error: {
        content: `🚨 **notes (apps): monitor error**\na.db: monitor error: 403\n${AT}\n\`${COMMAND}\``,
        allowed_mentions: { parse: [] },
      },
      warning: {
        content: `⚠️ **notes (apps): slow**\na.db: slow\n${AT}\n\`${COMMAND}\``,
        allowed_mentions: { parse: [] },
      },
      recovery: {
        content: `✅ **notes (apps): replica sync recovered**\na.db: replica sync recovered\n${AT}\n\`${COMMAND}\``,
        allowed_mentions: { parse: [] },
      },
    },
  ],
  [
    "teams",
    Alert.teams({ url }),
    {
      error: card("🚨 notes (apps): monitor error", "a.db: monitor error: 403"),
      warning: card("⚠️ notes (apps): slow", "a.db: slow"),
      recovery: card("✅ notes (apps): replica sync recovered", "a.db: replica sync recovered"),
    },
  ],
];

/** The only message. */
function only(lines: readonly Line[], options: Options): Told {
  const all = told(lines, options);
  expect(all).toHaveLength(1);
  return all[0] as Told;
}

withLua("a message", () => {
  describe.each(POSTED)("to %s", (kind, receiver, bodies) => {
    test.each(Object.entries(bodies))("of level %s", (level, expected) => {
      const { tag, body, headers } = only([LINES[level] as Line], { receivers: [receiver] });
      expect(JSON.parse(body)).toEqual(expected);
      expect(headers).toEqual(JSON_HEADERS);
      expect(tag).toMatch(new RegExp(`^alert\\.${kind}\\.[0-9-]+$`));
    });
  });

  test.each([
    ["error", "monitor error", "monitor error: 403", "high", "rotating_light"],
    ["warning", "slow", "slow", "default", "warning"],
    ["recovery", "replica sync recovered", "replica sync recovered", "low", "white_check_mark"],
  ])("to ntfy of level %s", (level, problem, message, priority, tags) => {
    const receivers = [Alert.ntfy({ url })];
    const { body, headers } = only([LINES[level] as Line], { receivers });
    expect(body).toBe(`a.db: ${message}\n${AT}\n${COMMAND}`);
    expect(headers).toEqual({
      "Content-Type": "text/plain; charset=utf-8",
      Title: `notes (apps): ${problem}`,
      Priority: priority,
      Tags: tags,
    });
  });

  test("to the pods' own log is the webhook's, flat", () => {
    const { tag, ...record } = only([LINES.error as Line], {
      receivers: [Alert.stdout()],
    }) as Told & Record<string, unknown>;
    expect(tag).toMatch(/^alert\.stdout\./);
    const { at, ...rest } = record;
    expect(at).toBe(5);
    expect(rest).toEqual(fields("error", "monitor error", "monitor error: 403"));
  });

  test("says since when, how many were left out and what comes next", () => {
    const line = { ...(LINES.error as Line), at: 0, times: 2703 };
    const bodies = told([line]).map(({ body }) => JSON.parse(body));
    const texts = told([line], { receivers: [Alert.gotify({ url, token })] }).map(
      ({ body }) => (JSON.parse(body) as { message: string }).message.split("\n")[1],
    );
    expect(texts).toEqual([
      "At 2026-01-01 00:00:00 UTC.",
      "At 2026-01-01 00:00:01 UTC.",
      "Since 2026-01-01 00:00:00 UTC. What else comes of this within 15 min is counted.",
      "Since 2026-01-01 00:00:00 UTC. 899 more left out. What else comes of this within 30 min is counted.",
      "Since 2026-01-01 00:00:00 UTC. 1799 more left out. What else comes of this within 1 h is counted.",
    ]);
    expect(bodies[4]).toMatchObject({
      time: "2026-01-01T00:45:02Z",
      since: "2026-01-01T00:00:00Z",
      leftOut: 1799,
    });
  });

  test("names the cluster where it has a name", () => {
    const { body } = only([LINES.error as Line], {
      receivers: [Alert.gotify({ url, token })],
      cluster: "home",
    });
    expect(JSON.parse(body).title).toBe("notes (apps, home): monitor error");
    expect(JSON.parse(only([LINES.error as Line], { cluster: "home" }).body).cluster).toBe("home");
  });

  test("without a database begins with what happened", () => {
    const { body } = only([{ at: 5, log: "Error: gone" }], { receivers: [Alert.ntfy({ url })] });
    expect(body).toBe(`Error: gone\n${AT}\n${COMMAND}`);
  });
});

withLua("receivers", () => {
  const receivers = [
    Alert.slack({ url }),
    Alert.slack({ url, minimumLevel: "error" }),
    Alert.gotify({ url, token, minimumLevel: "warning" }),
    Alert.stdout({ minimumLevel: "error" }),
  ];
  const names = (lines: Line[]) =>
    told(lines, { receivers }).map(({ tag }) => tag.split(".").slice(1, 2).join());

  test("are told from their own level on", () => {
    expect(names([LINES.error as Line])).toEqual(["slack", "slack-2", "gotify", "stdout"]);
    expect(names([LINES.warning as Line])).toEqual(["slack", "gotify"]);
  });

  test("are told of a recovery where they were told of the problem, or may have been", () => {
    const after = { ...(LINES.recovery as Line), at: 6 };
    const told = (first: Line) => names([first, after]).slice(names([first]).length);
    expect(told(LINES.error as Line)).toEqual(["slack", "slack-2", "gotify", "stdout"]);
    expect(told(LINES.warning as Line)).toEqual(["slack", "gotify"]);
    expect(names([after])).toEqual(["slack", "slack-2", "gotify", "stdout"]);
  });

  test("get each message under a tag of its own", () => {
    const lines = [0, 1].map((at): Line => {
      return { at, log: '{"level":"ERROR","msg":"x","db":"d{n}"}', times: 10, every: 0.01 };
    });
    const tags = told(lines, { receivers }).map(({ tag }) => tag);
    expect(tags).toHaveLength(80);
    expect(new Set(tags).size).toBe(80);
    for (const tag of tags) expect(tag).toMatch(/^alert\.[a-z0-9-]+\.[0-9-]+$/);
    // A restarted pod counts anew, and what it was to send before may still be there.
    expect(tags[0]).toBe("alert.slack.1767225600-1");
  });
});

withLua("what a log line says", () => {
  const body = (receiver: AlertReceiver, msg: string, more: object = {}) => {
    const line = sidecar("ERROR", msg, more);
    return JSON.parse(only([line], { receivers: [receiver] }).body);
  };

  test("is no markup to Slack, and calls nobody there or at Mattermost", () => {
    const { text } = body(Alert.slack({ url }), "<!channel> & <@U1>", {
      error: "@all @me: a@b.c (@here)",
    });
    expect(text.split("\n").slice(0, 2)).toEqual([
      ":rotating_light: *notes (apps): &lt;!channel&gt; &amp; &lt;@\u200bU1&gt;*",
      "a.db: &lt;!channel&gt; &amp; &lt;@\u200bU1&gt;: @\u200ball @\u200bme: a@b.c (@\u200bhere)",
    ]);
  });

  test("is no markup to Discord", () => {
    const { content } = body(Alert.discord({ url }), "*a* _b_ ~c~ `d` |e| > # [f](g) \\");
    expect(content.split("\n")[1]).toBe(
      "a.db: \\*a\\* \\_b\\_ \\~c\\~ \\`d\\` \\|e\\| \\> \\# \\[f](g) \\\\",
    );
  });

  test("makes no link in Teams", () => {
    const sent = JSON.stringify(body(Alert.teams({ url }), "[click](https://example.com)"));
    expect(sent).not.toContain("](");
    expect(sent).toContain("[click] (https://example.com)");
  });

  test("ends no header, and has no other characters in it", () => {
    const line = sidecar("ERROR", "a\r\nX-Injected: b\u0000ü€");
    const { headers } = only([line], { receivers: [Alert.ntfy({ url })] });
    expect(headers.Title).toBe("notes (apps): a  X-Injected");
    const other = only([sidecar("ERROR", "ü€\nb")], { receivers: [Alert.ntfy({ url })] });
    expect(other.headers.Title).toBe("notes (apps): ? b");
  });

  const ALL = '*_`|<>&@[](\\"€'.repeat(1000);
  const long = sidecar("ERROR", ALL, { error: ALL, db: ALL, app: ALL });
  const about = {
    pod_name: "p".repeat(253),
    namespace_name: "n".repeat(63),
    container_name: "backup-verification",
    labels: { "app.kubernetes.io/name": "a".repeat(63) },
  };

  test.each<[string, AlertReceiver, (body: string) => number, number]>([
    ["Discord", Alert.discord({ url }), (body) => JSON.parse(body).content.length, 2000],
    ["ntfy", Alert.ntfy({ url }), (body) => Buffer.byteLength(body), 4096],
    ["Slack", Alert.slack({ url }), (body) => JSON.parse(body).text.length, 12_000],
    ["Teams", Alert.teams({ url }), (body) => Buffer.byteLength(body), 28_000],
    ["Gotify", Alert.gotify({ url, token }), (body) => Buffer.byteLength(body), 12_000],
  ])("is never too long for %s, and keeps what comes behind it", (_, receiver, size, limit) => {
    const { body } = only([{ ...long, kubernetes: about, cluster: "c" } as Line], {
      receivers: [receiver],
      cluster: "c".repeat(300),
    });
    expect(size(body)).toBeLessThanOrEqual(limit);
    expect(body).toContain(AT);
    expect(body).toContain(`kubectl -n ${about.namespace_name} logs ${about.pod_name}`);
  });

  test("is cut between characters", () => {
    const { message } = body(Alert.webhook({ url }), "x", { error: "€".repeat(1000) });
    expect(message).toBe(`x: ${"€".repeat(332)}…`);
  });
});
