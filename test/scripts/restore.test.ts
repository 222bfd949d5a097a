import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Without a cluster: wrong usage is told before one is asked for. */
const restore = (...args: string[]) =>
  spawnSync("node", ["--import", "tsx", "scripts/restore.ts", ...args], {
    cwd: join(__dirname, "../.."),
    env: { ...process.env, KUBECONFIG: "/nowhere" },
    encoding: "utf8",
  });

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
