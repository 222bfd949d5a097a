import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { approvalProblem } from "../../../scripts/ci/protection";
import { reviewFrom, upsert } from "../../../scripts/ci/review";

/** Answers by "METHOD path", and keeps what it was asked. */
let answers: Record<string, unknown> = {};
let asked: { request: string; body: string; headers: IncomingMessage["headers"] }[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const name = `${request.method} ${request.url}`;
    asked.push({ request: name, body: Buffer.concat(chunks).toString(), headers: request.headers });
    const status = name in answers ? 200 : 404;
    response.writeHead(status).end(JSON.stringify(answers[name] ?? { message: "Not Found" }));
  });
});
let api = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  answers = {};
  asked = [];
});

const github = () => ({
  GITHUB_API_URL: api,
  GITHUB_REPOSITORY: "me/apps",
  GITHUB_TOKEN: "token-1",
  PULL_REQUEST: "7",
});
const gitlab = () => ({
  GITLAB_CI: "true",
  CI_API_V4_URL: api,
  CI_PROJECT_ID: "5",
  CI_MERGE_REQUEST_IID: "7",
  GITLAB_TOKEN: "token-2",
});
const MARKER = "<!-- plan -->";
const LIST = "/repos/me/apps/issues/7/comments";
const NOTES = "/projects/5/merge_requests/7/notes";
const page = (list: string, number: number) => `GET ${list}?per_page=100&page=${number}`;
const others = Array.from({ length: 100 }, (_, id) => ({
  id,
  body: "fine",
  user: { type: "User" },
}));

test("GitHub: the first plan makes a comment", async () => {
  answers = { [page(LIST, 1)]: [], [`POST ${LIST}`]: {} };
  expect(await upsert(reviewFrom(github()), MARKER, "the plan")).toBe("created");
  expect(asked[1]).toMatchObject({ request: `POST ${LIST}`, body: '{"body":"the plan"}' });
  expect(asked[1]?.headers.authorization).toBe("Bearer token-1");
});

test("GitHub: the next one updates it, wherever it stands, and no person's that quotes it", async () => {
  const quoted = { id: 100, body: `${MARKER} copied`, user: { type: "User" } };
  const inside = { id: 101, body: `> ${MARKER}`, user: { type: "Bot" } };
  const own = { id: 102, body: `${MARKER} old`, user: { type: "Bot" } };
  answers = {
    [page(LIST, 1)]: others,
    [page(LIST, 2)]: [quoted, inside, own],
    "PATCH /repos/me/apps/issues/comments/102": {},
  };
  expect(await upsert(reviewFrom(github()), MARKER, "new")).toBe("updated");
  expect(asked.at(-1)?.body).toBe('{"body":"new"}');
});

test("nothing is written where nothing was and nothing is to be", async () => {
  answers = { [page(LIST, 1)]: others, [page(LIST, 2)]: [] };
  expect(await upsert(reviewFrom(github()), MARKER, "none", false)).toBe("nothing");
});

test("GitLab: a note, which only the token's own user's updates", async () => {
  const note = (id: number, author: number) => ({ id, body: MARKER, author: { id: author } });
  answers = {
    [page(NOTES, 1)]: [note(1, 8), note(2, 9)],
    "GET /user": { id: 9 },
    [`PUT ${NOTES}/2`]: {},
  };
  expect(await upsert(reviewFrom(gitlab()), MARKER, "new")).toBe("updated");
  expect(asked.at(-1)).toMatchObject({ request: `PUT ${NOTES}/2`, body: '{"body":"new"}' });
  expect(asked.at(-1)?.headers["private-token"]).toBe("token-2");
});

test("an answer that is none is told, without the token", async () => {
  const failed = upsert(reviewFrom(github()), MARKER, "new");
  await expect(failed).rejects.toThrow(/^GET http:.*page=1: 404 {"message":"Not Found"}$/);
});

test.each([
  ["PULL_REQUEST", github],
  ["GITLAB_TOKEN", gitlab],
])("%s must be there", (name, env) => {
  expect(() => reviewFrom({ ...env(), [name]: "" })).toThrow(`${name} is not set.`);
});

const RULES = "GET /repos/me/apps/environments/production";

test("an environment with required reviewers is in order", async () => {
  answers = {
    [RULES]: { protection_rules: [{ type: "branch_policy" }, { type: "required_reviewers" }] },
  };
  expect(await approvalProblem(github(), "production")).toBeUndefined();
});

test.each([{ protection_rules: [{ type: "wait_timer" }] }, {}])(
  "one without isn't: %j",
  async (rules) => {
    answers = { [RULES]: rules };
    expect(await approvalProblem(github(), "production")).toBe(
      "the environment production has no required reviewers. Name some: docs/ci.md.",
    );
  },
);

test("nor is one that nobody made", async () => {
  expect(await approvalProblem(github(), "production")).toMatch(
    /^the environment production can't be read\. Make it, with required reviewers: docs\/ci\.md\. GET .* 404/,
  );
});
