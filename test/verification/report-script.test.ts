import { spawnSync } from "node:child_process";
import { reportScript } from "../../src/verification/scripts/report";
import { Receivers, Reporter, SHELLS, type Told, WRITTEN } from "../support/reporter";
import { untemplated } from "../support/proof";

jest.setTimeout(30_000);

let receivers: Receivers;
beforeAll(async () => void (receivers = await Receivers.start()));
beforeEach(() => receivers.forget());
afterAll(() => receivers.stop());

const JSON_TYPE = { "content-type": "application/json" };
const TEXT_TYPE = { "content-type": "text/plain; charset=utf-8" };

describe.each(SHELLS)("%s", (_, shell) => {
  /** What one receiver is sent of a proof that ended. */
  async function sent(outcome: string, { url, ...receiver }: Told) {
    const reporter = new Reporter(shell, outcome);
    const told = await reporter.tell([{ ...receiver, url: receivers.url(url) }]);
    expect(told).toMatchObject({ code: outcome === "passed" ? 0 : 1, stderr: "" });
    return receivers.requests;
  }

  test.each<[string, Told, object]>([
    [
      "a webhook",
      { kind: "webhook", url: "/hook?a=b&c=d" },
      { path: "/hook?a=b&c=d", headers: JSON_TYPE, body: WRITTEN["webhook.json"] },
    ],
    [
      "a webhook with a token",
      { kind: "webhook", url: "/hook", token: "Basic abc=" },
      { path: "/hook", headers: { ...JSON_TYPE, authorization: "Basic abc=" } },
    ],
    [
      "Slack",
      { kind: "slack", url: "/services/T/B/X" },
      { path: "/services/T/B/X", headers: JSON_TYPE, body: WRITTEN["slack.json"] },
    ],
    [
      "Gotify",
      { kind: "gotify", url: "/", token: "abc" },
      {
        path: "/message",
        headers: { ...JSON_TYPE, "x-gotify-key": "abc" },
        body: WRITTEN["gotify.json"],
      },
    ],
    [
      "ntfy",
      { kind: "ntfy", url: "/topic" },
      {
        path: "/topic",
        headers: {
          ...TEXT_TYPE,
          title: "notes: a title",
          priority: "default",
          tags: "white_check_mark",
        },
        body: WRITTEN.text,
      },
    ],
    [
      "ntfy with a token",
      { kind: "ntfy", url: "/topic", token: "tk_1" },
      { headers: { authorization: "Bearer tk_1" } },
    ],
  ])("%s is told of a proof that passed", async (_, receiver, request) => {
    expect(await sent("passed", receiver)).toEqual([expect.objectContaining({ method: "POST" })]);
    expect(receivers.requests[0]).toMatchObject(request);
    if (receiver.token === undefined)
      expect(receivers.requests[0]?.headers.authorization).toBeUndefined();
  });

  test("ntfy is told of a failure more urgently", async () => {
    await sent("failed", { kind: "ntfy", url: "/topic" });
    expect(receivers.requests[0]?.headers).toMatchObject({
      priority: "high",
      tags: "rotating_light",
    });
  });

  test.each<[string, string, string[], string]>([
    ["plain", "/ping/uuid", ["/ping/uuid/start", "/ping/uuid/0"], "passed"],
    ["of a failure", "/ping/uuid", ["/ping/uuid/start", "/ping/uuid/1"], "failed"],
    ["with a slash at its end", "/ping/uuid/", ["/ping/uuid/start", "/ping/uuid/0"], "passed"],
    [
      "with a query",
      "/key/slug?create=1&a=b?c",
      ["/key/slug/start?create=1&a=b?c", "/key/slug/0?create=1&a=b?c"],
      "passed",
    ],
    [
      "with both",
      "/key/slug/?create=1",
      ["/key/slug/start?create=1", "/key/slug/0?create=1"],
      "passed",
    ],
  ])("healthchecks is pinged at the start and at the end: %s", async (_, url, paths, outcome) => {
    await sent(outcome, { kind: "healthchecks", url });
    expect(receivers.requests.map(({ path }) => path)).toEqual(paths);
    expect(receivers.requests.map(({ body }) => body)).toEqual(["", WRITTEN.log]);
  });

  test("who wants failures only hears nothing of a proof that passed", async () => {
    expect(await sent("passed", { kind: "webhook", when: "failure", url: "/hook" })).toEqual([]);
    expect(await sent("failed", { kind: "webhook", when: "failure", url: "/hook" })).toHaveLength(
      1,
    );
  });

  test("nobody needs to be told", async () => {
    expect(await new Reporter(shell, "passed").tell([])).toMatchObject({
      code: 0,
      stderr: "",
      log: ["INFO the backup was proven"],
    });
    expect(await new Reporter(shell, "failed").tell([])).toMatchObject({
      code: 1,
      stderr: "",
      log: ["ERROR verification failed: first line"],
    });
  });

  test.each([
    ["quotes and backslashes", String.raw`/a"b\c'd`],
    ["brackets and braces, which curl would expand", "/[1-3]/{a,b}"],
    ["dollars, backticks and signs of the shell", "/$HOME/`id`/$(id);&|*"],
    ["percent signs", "/%20%s%d"],
  ])("a URL may have %s", async (_, path) => {
    await sent("passed", { kind: "webhook", url: path });
    expect(receivers.requests.map((request) => request.path)).toEqual([path]);
  });

  test("URL and token may end with a line break, as files do", async () => {
    await sent("passed", { kind: "gotify", url: "/gotify\n", token: "abc\n" });
    expect(receivers.requests).toMatchObject([
      { path: "/gotify/message", headers: { "x-gotify-key": "abc" } },
    ]);
  });

  test("a token may have quotes and backslashes", async () => {
    await sent("passed", { kind: "gotify", url: "", token: String.raw`a"b\c'd $HOME` });
    expect(receivers.requests[0]?.headers["x-gotify-key"]).toBe(String.raw`a"b\c'd $HOME`);
  });

  test("no list of processes, and no log, shows URL or token", async () => {
    const reporter = new Reporter(shell, "failed");
    receivers.answer = ({ path }) => (path.includes("bad") ? 301 : 200);
    const { stdout, stderr } = await reporter.tell(
      [
        { kind: "healthchecks", url: receivers.url("/topsecret-0") },
        { kind: "gotify", url: receivers.url("/topsecret-1"), token: "topsecret-2" },
        { kind: "ntfy", url: receivers.url("/bad-topsecret-3"), token: "topsecret-4" },
        { kind: "webhook", url: "http://127.0.0.1:1/topsecret-5", token: "topsecret-6" },
        { kind: "webhook", url: "http://127.0.0.1:1/topsecret-7/{a" },
        { kind: "slack", url: "topsecret-8:not a URL" },
      ],
      1,
    );
    const processes = [...receivers.seen];
    expect(processes.filter((line) => line.startsWith("curl "))).not.toEqual([]);
    for (const said of [...processes, stdout, stderr]) expect(said).not.toContain("topsecret");
  });
});

test("shellcheck finds nothing", () => {
  const { error, stdout } = spawnSync(
    "shellcheck",
    ["-s", "dash", "-e", "SC2015,SC2016,SC2317", "-"],
    { input: untemplated(reportScript), encoding: "utf8" },
  );
  if (!error) expect(stdout).toBe("");
});
