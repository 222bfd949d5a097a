import { execFile, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, whatever its exit code. */
export function tryRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const { input, cwd, env } = options;
    const child = execFile(
      command,
      args,
      { cwd, env: { ...process.env, ...env }, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== "number") reject(error);
        else resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    // A command that doesn't read its input may have ended before it is written.
    child.stdin?.on("error", () => undefined).end(input ?? "");
  });
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Runs a command and gives its standard output; throws what it said when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await tryRun(command, args, options);
  if (code !== 0)
    throw new Error(`${command} ${args.join(" ")} exited ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** Starts a command that goes on until it is stopped, and waits for its first line. */
export async function start(
  command: string,
  args: readonly string[],
): Promise<{ firstLine: string; stop: () => void }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const firstLine = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (data: Buffer) => resolve(data.toString()));
    child.once("exit", (code) => reject(new Error(`${command} exited ${code}`)));
  });
  return { firstLine, stop: () => child.kill() };
}

/** Waits until `check` gives something, and gives that; throws what it said last when time is up. */
export async function eventually<T>(
  what: string,
  seconds: number,
  check: () => Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown = "nothing";
  for (;;) {
    try {
      const found = await check();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`${what}: not within ${seconds} s. Last: ${String(last)}`);
    await sleep(250);
  }
}
