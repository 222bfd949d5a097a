import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Without a cluster: wrong usage is told before one is asked for. */
const start = (command: string, ...args: string[]) =>
  spawnSync(command, args, {
    cwd: join(__dirname, "../.."),
    env: { ...process.env, KUBECONFIG: "/nowhere" },
    encoding: "utf8",
  });
const restore = (...args: string[]) =>
  start("node", "--import", "tsx", "scripts/restore.ts", ...args);

test.each([
  [["--help"], 0, "usage: npm run restore -- <app>"],
  [["notes", "--timestamp", "2026-01-31T12:00:00"], 2, "has no time zone"],
  [["notes", "--wrong"], 2, "restore: Unknown option '--wrong'"],
  [["notes"], 1, "restore: There is no kubeconfig: /nowhere"],
])("%j says what to do", (args, status, text) => {
  const result = restore(...args);
  expect(result.stdout + result.stderr).toContain(text);
  expect(result.status).toBe(status);
});

test("options that npm takes for its own are told, and nothing else is done instead", () => {
  const { status, stderr } = start("npm", "run", "--silent", "restore", "notes", "--txid=ff");
  expect(stderr).toContain('restore: npm took --txid for its own. Write "--" before');
  expect(status).toBe(2);
});
