import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endpointsScript } from "../../src/alerting/scripts/endpoints";
import { SHELLS } from "../support/reporter";

interface Given {
  readonly url: string;
  readonly token?: string;
  readonly suffix?: string;
}

/** Values of Secrets that no output may show. */
const SECRET = "s3cr3t";
const NODE = "node-1.example.com";

/** Runs the script in a shell, and reads what it wrote. */
function split(shell: readonly string[], ...given: Given[]) {
  const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-endpoints-"));
  const script = join(mkdtempSync(join(tmpdir(), "cdktf-sqlite-endpoints-")), "endpoints.sh");
  writeFileSync(script, endpointsScript);
  const { status, stdout, stderr } = spawnSync(
    shell[0] ?? "",
    [
      ...shell.slice(1),
      script,
      folder,
      ...given.flatMap(({ suffix = "", token }, index) => [
        `to-${index}`,
        suffix,
        `key url of Secret s${index}`,
        token === undefined ? "" : `key token of Secret s${index}`,
      ]),
    ],
    {
      encoding: "utf8",
      env: {
        PATH: process.env.PATH,
        NODE_NAME: NODE,
        ...Object.fromEntries(
          given.flatMap(({ url, token }, index) => [
            [`URL_${index}`, url],
            ...(token === undefined ? [] : [[`TOKEN_${index}`, token]]),
          ]),
        ),
      },
    },
  );
  const read = (index: number) => {
    const part = (name: string) => {
      const path = join(folder, `to-${index}.${name}`);
      return existsSync(path) ? readFileSync(path, "utf8").replace(/\n$/, "") : undefined;
    };
    return {
      host: part("host"),
      port: part("port"),
      path: part("path"),
      tls: part("tls"),
      token: part("token"),
    };
  };
  return { status, stdout, stderr, read, folder, files: readdirSync(folder).sort() };
}

/** A URL, and host, port, path and TLS that it has. */
const URLS: [url: string, host: string, port: string, path: string, tls: string][] = [
  ["https://example.com", "example.com", "443", "/", "on"],
  ["http://example.com", "example.com", "80", "/", "off"],
  ["https://example.com/", "example.com", "443", "/", "on"],
  ["https://example.com:8443/hook", "example.com", "8443", "/hook", "on"],
  ["http://example.com:65535/a/b/", "example.com", "65535", "/a/b/", "off"],
  ["http://10.0.0.1:8080", "10.0.0.1", "8080", "/", "off"],
  ["https://[2001:db8::1]/hook", "2001:db8::1", "443", "/hook", "on"],
  ["http://[::1]:8080/hook", "::1", "8080", "/hook", "off"],
  ["https://EXAMPLE.com/Hook", "EXAMPLE.com", "443", "/Hook", "on"],
  ["https://ntfy_1.apps.svc/t", "ntfy_1.apps.svc", "443", "/t", "on"],
  // A query, and what only a browser wants.
  ["https://example.com?a=b", "example.com", "443", "/?a=b", "on"],
  ["https://example.com/a?b=c&d=e?f", "example.com", "443", "/a?b=c&d=e?f", "on"],
  ["https://example.com/a?b=c/d:1@e", "example.com", "443", "/a?b=c/d:1@e", "on"],
  ["https://example.com/a@b:c", "example.com", "443", "/a@b:c", "on"],
  ["https://example.com/a#part", "example.com", "443", "/a", "on"],
  ["https://example.com#part?a=b", "example.com", "443", "/", "on"],
  // What a file adds.
  ["https://example.com/hook\n", "example.com", "443", "/hook", "on"],
  // The node's name.
  [
    "https://ping.example.com/alerts-{node}?n={node}",
    "ping.example.com",
    "443",
    `/alerts-${NODE}?n=${NODE}`,
    "on",
  ],
  ["https://{node}/x", NODE, "443", "/x", "on"],
  // What a shell, sed or Fluent Bit might take for something else.
  ...[
    "$HOME",
    "${HOME}",
    "$(id)",
    "`id`",
    '"',
    "'",
    "\\",
    "\\n",
    "%20%s",
    "&amp;",
    "*",
    "!",
    "~",
    ";|<>",
    "[a]{b}",
  ].map((text): (typeof URLS)[0] => [
    `https://example.com/${text}?q=${text}`,
    "example.com",
    "443",
    `/${text}?q=${text}`,
    "on",
  ]),
];

const HOLDS_NO = 'holds no URL: it has to begin with "https://" or "http://"';
const CHARACTER = "holds no URL: there is a blank or a special character in it";
const HOST = "holds a URL with a host that is none";
const NO_HOST = "holds a URL without a host";
const PORT = "holds a URL with a port that is none";
const USER = "holds a user or a password before the host, which can't be sent";

const WRONG: [url: string, message: string][] = [
  ["", HOLDS_NO],
  ["\n", HOLDS_NO],
  [SECRET, HOLDS_NO],
  [`ftp://${SECRET}`, HOLDS_NO],
  [`//${SECRET}`, HOLDS_NO],
  [`HTTPS://${SECRET}`, HOLDS_NO],
  [`https://example.com/${SECRET} x`, CHARACTER],
  [` https://example.com/${SECRET}`, CHARACTER],
  [`https://example.com/${SECRET}\r\n`, CHARACTER],
  [`https://example.com/\nhttps://${SECRET}`, CHARACTER],
  [`https://example.com/\t${SECRET}`, CHARACTER],
  [`https://exämple.com/${SECRET}`, CHARACTER],
  [`https://user:${SECRET}@example.com/`, USER],
  [`https://${SECRET}@example.com`, USER],
  ["https://", NO_HOST],
  [`https:///${SECRET}`, NO_HOST],
  [`https://?${SECRET}`, NO_HOST],
  [`https://:443/${SECRET}`, NO_HOST],
  [`https://[]/${SECRET}`, NO_HOST],
  [`https://"example.com"/${SECRET}`, HOST],
  [`https://a\\b/${SECRET}`, HOST],
  [`https://\${HOST}/${SECRET}`, HOST],
  [`https://example.com:/${SECRET}`, PORT],
  [`https://example.com:0/${SECRET}`, PORT],
  [`https://example.com:065/${SECRET}`, PORT],
  [`https://example.com:65536/${SECRET}`, PORT],
  [`https://example.com:123456/${SECRET}`, PORT],
  [`https://example.com:-1/${SECRET}`, PORT],
  [`https://example.com:${SECRET}`, PORT],
  [`https://[::1]:x/${SECRET}`, PORT],
  [`https://2001:db8::1/${SECRET}`, PORT],
];

describe.each(SHELLS)("%s", (_, shell) => {
  test.each(URLS)("takes %j apart", (url, host, port, path, tls) => {
    const { status, stdout, stderr, read, files } = split(shell, { url });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(read(0)).toEqual({ host, port, path, tls, token: undefined });
    expect(files).toEqual(["to-0.host", "to-0.path", "to-0.port", "to-0.tls"]);
  });

  test.each([
    ["https://example.com", "/message"],
    ["https://example.com/", "/message"],
    ["https://example.com/gotify", "/gotify/message"],
    ["https://example.com/gotify/", "/gotify/message"],
    ["https://example.com/gotify/?a=b/", "/gotify/message?a=b/"],
    ["https://example.com?a=b", "/message?a=b"],
  ])("puts a suffix behind the path of %s", (url, path) => {
    expect(split(shell, { url, suffix: "/message" }).read(0).path).toBe(path);
  });

  test.each([
    ["AbC123", "AbC123"],
    ["tk_1\n", "tk_1"],
    ["Bearer tk_1", "Bearer tk_1"],
    ["Basic dXNlcjpwYXNz==", "Basic dXNlcjpwYXNz=="],
    [`a  b$HOME\${X}$(id)\`id\`"'\\n%s&*!~{node}`, `a  b$HOME\${X}$(id)\`id\`"'\\n%s&*!~{node}`],
  ])("hands the token %j on", (token, expected) => {
    const { status, stderr, read } = split(shell, { url: "https://example.com", token });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(read(0).token).toBe(expected);
  });

  test.each(WRONG)("says what is wrong with %j, and not what it is", (url, message) => {
    const { status, stdout, stderr, files } = split(shell, { url });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe(`key url of Secret s0: ${message}\n`);
    expect(stderr).not.toContain(SECRET);
    expect(files).toEqual([]);
  });

  test.each([
    ["", "is empty"],
    ["\n", "is empty"],
    [`${SECRET}\r\n`, "holds no token: there is a line break or a special character in it"],
    [`${SECRET}\nX-Other: 1`, "holds no token: there is a line break or a special character in it"],
    [`${SECRET}ü`, "holds no token: there is a line break or a special character in it"],
  ])("says what is wrong with the token %j", (token, message) => {
    const { status, stderr, files } = split(shell, { url: "https://example.com", token });
    expect(status).toBe(1);
    expect(stderr).toBe(`key token of Secret s0: ${message}\n`);
    expect(files).toEqual([]);
  });

  test("says all that is wrong at once, and splits the rest", () => {
    const { status, stderr, files, read } = split(
      shell,
      { url: "no" },
      { url: "https://example.com/a", token: "t" },
      { url: "https://example.com:x" },
      { url: "https://example.com", token: "" },
      ...Array.from({ length: 8 }, (__, index) => ({ url: `https://example.com/${index}` })),
    );
    expect(status).toBe(1);
    expect(stderr).toBe(
      [
        `key url of Secret s0: ${HOLDS_NO}`,
        `key url of Secret s2: ${PORT}`,
        "key token of Secret s3: is empty\n",
      ].join("\n"),
    );
    expect(read(1)).toMatchObject({ path: "/a", token: "t" });
    expect(read(11)).toMatchObject({ path: "/7" });
    expect(files).toHaveLength(5 + 8 * 4);
  });

  test("has nothing to do without receivers", () => {
    expect(split(shell)).toMatchObject({ status: 0, stderr: "", files: [] });
  });

  test("writes files that the user of the next container can read", () => {
    const before = process.umask(0o077);
    try {
      const { folder } = split(shell, { url: "https://example.com", token: "t" });
      for (const name of readdirSync(folder))
        expect(statSync(join(folder, name)).mode & 0o777).toBe(0o644);
    } finally {
      process.umask(before);
    }
  });
});
