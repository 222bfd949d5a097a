import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportScript } from "../../src/verification/scripts/report";
import { lines, untemplated } from "./proof";

/** The shells that have to understand the script: Debian's, and that of curl's image. */
export const SHELLS: [string, string[]][] = [
  ["dash", ["dash"]],
  ["busybox sh", ["busybox", "sh"]],
];

/** What a proof has written, for receivers to be told. */
export const WRITTEN: Readonly<Record<string, string>> = {
  title: "notes: a title\n",
  text: "first line\nsecond line\n",
  log: "first line\nand all the rest\n",
  "webhook.json": '{"webhook":"…"}',
  "slack.json": '{"slack":true}',
  "gotify.json": '{"gotify":true}',
};

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a request: with 200 when it gives nothing, and hangs up on "nobody". */
type Answer = (request: Request, index: number) => number | "nobody" | undefined;

/** A server for all receivers, which notes what it is sent. */
export class Receivers {
  readonly requests: Request[] = [];
  /** What any program on this machine could see of the others while a request was on its way. */
  readonly seen = new Set<string>();
  answer: Answer = () => undefined;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => void (body += part.toString()));
      request.on("end", () => {
        const { method = "", url: path = "", headers } = request;
        this.reply({ method, path, headers, body }, response);
      });
    });
  }

  static async start(): Promise<Receivers> {
    const receivers = new Receivers();
    await new Promise<void>((resolve) => receivers.server.listen(0, "127.0.0.1", resolve));
    return receivers;
  }

  /** Where something answers, or nothing does. */
  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  forget(): void {
    this.requests.length = 0;
    this.seen.clear();
    this.answer = () => undefined;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private reply(request: Request, response: ServerResponse): void {
    for (const line of commandLines()) this.seen.add(line);
    this.requests.push(request);
    const answer = this.answer(request, this.requests.length - 1) ?? 200;
    if (answer === "nobody") return void response.destroy();
    response.statusCode = answer;
    if (response.statusCode === 301) response.setHeader("Location", this.url("/moved"));
    response.end("ok");
  }
}

/** Where nothing listens. */
export const NOBODY = "http://127.0.0.1:1/";

function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
}

export interface Told {
  readonly kind: string;
  readonly when?: "failure";
  readonly url: string;
  readonly token?: string;
}

/** The reporter beside a proof that has ended, or hasn't. */
export class Reporter {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-report-"));
  report = mkdtempSync(join(tmpdir(), "cdktf-sqlite-reports-"));
  seconds = 5;
  private child: ChildProcess | undefined;

  /** @param outcome what stands in "done"; undefined while nothing does */
  constructor(
    private readonly shell: readonly string[],
    outcome: string | undefined,
    files: Readonly<Record<string, string>> = WRITTEN,
  ) {
    writeFileSync(join(this.folder, "report.sh"), untemplated(reportScript));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    if (outcome !== undefined) this.write("done", `${outcome}\n`);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.report, name), text);
  }

  read(name: string): string | undefined {
    const path = join(this.report, name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** Tells some receivers; gives the exit code, and what was said. */
  async tell(receivers: readonly Told[], sendSeconds = 20) {
    const child = spawn(this.shell[0] ?? "", this.args(receivers, sendSeconds), {
      env: { ...process.env, REPORT_FOLDER: this.report, ...environment(receivers) },
    });
    this.child = child;
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data: Buffer) => void (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => void (stderr += data.toString()));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, stdout, stderr, log: lines(stdout).map(({ level, msg }) => `${level} ${msg}`) };
  }

  end(): void {
    this.child?.kill("SIGKILL");
  }

  private args(receivers: readonly Told[], sendSeconds: number): string[] {
    return [
      ...this.shell.slice(1),
      join(this.folder, "report.sh"),
      "notes",
      "apps",
      String(this.seconds),
      String(sendSeconds),
      ...receivers.flatMap(({ kind, when = "always" }) => [kind, when]),
    ];
  }
}

function environment(receivers: readonly Told[]): Record<string, string> {
  return Object.fromEntries(
    receivers.flatMap(({ url, token }, index) => [
      [`REPORT_${index}_URL`, url],
      ...(token === undefined ? [] : [[`REPORT_${index}_TOKEN`, token]]),
    ]),
  );
}
