import { NOBODY, Receivers, Reporter, SHELLS } from "../support/reporter";

jest.setTimeout(30_000);

let receivers: Receivers;
let reporter: Reporter | undefined;
beforeAll(async () => void (receivers = await Receivers.start()));
beforeEach(() => receivers.forget());
afterEach(() => reporter?.end());
afterAll(() => receivers.stop());

const PASSED = "INFO the backup was proven";
const FAILED = "ERROR verification failed: first line";

describe.each(SHELLS)("%s", (_, shell) => {
  const start = (outcome?: string, files?: Record<string, string>) =>
    (reporter = new Reporter(shell, outcome, files));
  const hook = (path: string) => ({ kind: "webhook", url: receivers.url(path) });

  test("a receiver that fails twice is tried again", async () => {
    receivers.answer = (__, index) => (index < 2 ? 500 : 204);
    const { code, log } = await start("passed").tell([hook("/hook")]);
    expect({ code, log }).toEqual({ code: 0, log: [PASSED] });
    expect(receivers.requests).toHaveLength(3);
    expect(receivers.requests[2]?.body).toBe(receivers.requests[0]?.body);
  });

  test("a receiver that hangs up is tried again", async () => {
    receivers.answer = (__, index) => (index === 0 ? "nobody" : 200);
    expect(await start("passed").tell([hook("/hook")])).toMatchObject({ code: 0, log: [PASSED] });
    expect(receivers.requests).toHaveLength(2);
  });

  test.each([
    ["passed", 2, PASSED],
    ["failed", 3, FAILED],
  ])(
    "a receiver that always fails is named: the proof %s, exit %d",
    async (outcome, code, line) => {
      receivers.answer = () => 500;
      const told = await start(outcome).tell([hook("/hook")], 1);
      expect(told).toMatchObject({ code, stderr: "" });
      expect(told.log).toEqual([
        line,
        expect.stringMatching(/^ERROR report failed: not delivered to webhook: .*500/),
      ]);
      expect(receivers.requests.length).toBeGreaterThan(1);
    },
  );

  test("no receiver can be reached, and the proof failed", async () => {
    const told = [
      { kind: "webhook", url: NOBODY },
      { kind: "ntfy", url: NOBODY, when: "failure" as const },
    ];
    const { code, log } = await start("failed").tell(told, 1);
    expect(code).toBe(3);
    expect(log).toEqual([
      FAILED,
      expect.stringMatching(/^ERROR report failed: not delivered to webhook: .* ntfy: .*$/),
    ]);
  });

  test.each([301, 404])("HTTP %d is no delivery", async (status) => {
    receivers.answer = () => status;
    const { code, log } = await start("passed").tell([hook("/hook")], 1);
    expect(code).toBe(2);
    expect(log[1]).toMatch(new RegExp(`not delivered to webhook: .*${status}`));
    expect(receivers.requests.map(({ path }) => path)).not.toContain("/moved");
  });

  test("one that is down keeps no other from its report", async () => {
    receivers.answer = ({ path }) => (path === "/down" ? 503 : 200);
    const all = [hook("/down"), { kind: "slack", url: receivers.url("/up") }, hook("/other")];
    const { code, log } = await start("passed").tell(all, 1);
    expect(code).toBe(2);
    expect(log[1]).toMatch(/not delivered to webhook: .*503/);
    expect(log[1]).not.toMatch(/slack|webhook.*webhook/);
    const paths = receivers.requests.map(({ path }) => path);
    expect(paths.filter((path) => path !== "/down").sort()).toEqual(["/other", "/up"]);
  });

  test("a start that can't be told is said, and is no failure", async () => {
    receivers.answer = ({ path }) => (path.endsWith("/start") ? 301 : 200);
    const check = { kind: "healthchecks", url: receivers.url("/check") };
    const { code, log } = await start("passed").tell([check]);
    expect(code).toBe(0);
    expect(log).toEqual([
      expect.stringMatching(/^WARN the start was not reported: healthchecks: HTTP 301/),
      PASSED,
    ]);
  });

  test("a proof is waited for", async () => {
    const waiting = start();
    receivers.answer = ({ path }) => {
      if (path === "/check/start") waiting.write("done", "passed\n");
      return 200;
    };
    const check = { kind: "healthchecks", url: receivers.url("/check") };
    const { code } = await waiting.tell([check, hook("/hook")]);
    expect(code).toBe(0);
    expect(receivers.requests[0]?.path).toBe("/check/start");
    expect(receivers.requests).toHaveLength(3);
  });

  test("a proof that doesn't end in its time has failed, with what it has written so far", async () => {
    const waiting = start();
    waiting.seconds = 1;
    const { code, log } = await waiting.tell([hook("/hook")]);
    expect({ code, log }).toEqual({ code: 1, log: [FAILED] });
    expect(receivers.requests.map(({ body }) => body)).toEqual(['{"webhook":"…"}']);
  });

  test("a report that can't even be put together was not delivered", async () => {
    const waiting = start();
    waiting.report = "/proc";
    waiting.seconds = 0;
    const { code, log } = await waiting.tell([hook("/hook")]);
    expect(code).toBe(3);
    expect(log.at(-1)).toMatch(/^ERROR report failed: not delivered to webhook/);
  });

  test("a proof that says neither passed nor failed has failed", async () => {
    expect(await start("").tell([])).toMatchObject({ code: 1, log: [FAILED] });
  });

  test("a proof that did not even start has failed, and everybody is told", async () => {
    const waiting = start(undefined, {});
    waiting.seconds = 1;
    const kinds = ["healthchecks", "webhook", "slack", "gotify", "ntfy"];
    const told = await waiting.tell(
      kinds.map((kind) => ({ kind, url: receivers.url(`/${kind}`), token: "abc" })),
    );
    const message = "notes in namespace apps: the proof did not start";
    expect(told).toMatchObject({
      code: 1,
      stderr: "",
      log: [`ERROR verification failed: ${message}`],
    });
    const sent = (path: string) => {
      const request = receivers.requests.find((one) => one.path === path);
      return request?.body.startsWith("{") ? JSON.parse(request.body) : request?.body;
    };
    const title = "notes: BACKUP NOT PROVEN";
    expect(sent("/healthchecks/1")).toBe(`${message}\n`);
    expect(sent("/webhook")).toEqual({
      app: "notes",
      namespace: "apps",
      outcome: "failed",
      step: "start",
      message,
    });
    expect(sent("/slack")).toEqual({ text: message });
    expect(sent("/gotify/message")).toEqual({ title, message, priority: 8 });
    expect(sent("/ntfy")).toBe(`${message}\n`);
    const ntfy = receivers.requests.find(({ path }) => path === "/ntfy");
    expect(ntfy?.headers).toMatchObject({ title, priority: "high" });
  });
});
