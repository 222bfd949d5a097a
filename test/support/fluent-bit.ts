import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { LogAlertsProps } from "../../src";
import { alertsConfig } from "../../src/alerting/config";
import { endpointArguments, endpointEnvironment } from "../../src/alerting/endpoints";
import { alertFiles } from "../../src/alerting/files";
import { FOLDER } from "../../src/alerting/pipeline";
import { OWN } from "./lua";
import { untemplated } from "./proof";

const PROGRAM = process.env.FLUENT_BIT || "fluent-bit";

/** `describe`, or `describe.skip` with the reason in its name where Fluent Bit isn't. */
export function withFluentBit(name: string, body: () => void): void {
  const there = spawnSync(PROGRAM, ["--version"]).status === 0;
  if (there) describe(name, body);
  else describe.skip(`${name} (skipped: needs fluent-bit on the PATH, or FLUENT_BIT)`, body);
}

/** What the API server says of a pod: its labels and annotations; undefined for none that it knows. */
type Pods = Readonly<
  Record<string, { readonly labels?: object; readonly annotations?: object } | undefined>
>;

/** Fluent Bit as its pod runs it, in a folder of its own instead. */
export class FluentBit {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-fluent-bit-"));
  /** Everything that it has logged. */
  log = "";
  /** What endpoints.sh said. */
  readonly refused: string;
  private child: ChildProcess | undefined;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly api = createServer();

  /** @param values of the Secrets' keys */
  constructor(
    props: LogAlertsProps,
    values: (key: string) => string,
    private readonly pods: Pods = {},
  ) {
    for (const name of ["config", "endpoints", "state", "log/containers", "account"])
      mkdirSync(this.path(name), { recursive: true });
    const config = alertsConfig("alerts", OWN.namespace, { ...props, logFolder: this.path("log") });
    for (const [name, text] of Object.entries(alertFiles(config)))
      writeFileSync(this.path(`config/${name}`), this.here(untemplated(text)));
    const { status, stderr } = spawnSync(
      "sh",
      [this.path("config/endpoints.sh"), this.path("endpoints"), ...endpointArguments(config)],
      {
        encoding: "utf8",
        env: {
          ...{ PATH: process.env.PATH, NODE_NAME: "node-1" },
          ...Object.fromEntries(
            Object.entries(endpointEnvironment(config)).map(([name, value]) => [
              name,
              values((value as { key: string }).key),
            ]),
          ),
        },
      },
    );
    this.refused = stderr;
    if (status !== 0 && stderr === "") throw new Error("endpoints.sh failed");
    this.environment = {
      ...{ PATH: process.env.PATH, HOSTNAME: OWN.pod, NODE_NAME: "node-1", CLUSTER: "" },
      ...{ POD_NAME: OWN.pod, POD_NAMESPACE: OWN.namespace, POD_IP: "127.0.0.1" },
    };
  }

  /** Has it read its configuration and no more. */
  dryRun(): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(
      PROGRAM,
      ["--dry-run", "-c", this.path("config/fluent-bit.yaml")],
      { encoding: "utf8", env: this.environment },
    );
    return { status, output: stdout + stderr };
  }

  /** Starts it, beside an API server; what it logs comes back through the node's log folder. */
  async start(): Promise<void> {
    this.api.on("request", ({ url = "" }, response) => {
      const pod = this.pods[/\/pods\/([^/]+)$/.exec(url)?.[1] ?? ""];
      response.writeHead(pod ? 200 : 404);
      response.end(JSON.stringify({ metadata: pod ?? {}, spec: { nodeName: "node-1" } }));
    });
    const [api, own] = [await free(this.api), createServer()];
    const metrics = await free(own);
    await new Promise((resolve) => own.close(resolve));
    const config = parse(readFileSync(this.path("config/fluent-bit.yaml"), "utf8"));
    config.service.http_port = metrics;
    const [, dummy] = config.pipeline.inputs;
    const [kubernetes] = config.pipeline.filters;
    dummy.interval_sec = 1;
    for (const name of ["token", "namespace"]) {
      writeFileSync(this.path(`account/${name}`), "here");
      kubernetes[`kube_${name}_file`] = this.path(`account/${name}`);
    }
    kubernetes.kube_url = `http://127.0.0.1:${api}`;
    writeFileSync(this.path("config/run.yaml"), stringify(config));
    this.child = spawn(PROGRAM, ["-c", this.path("config/run.yaml")], { env: this.environment });
    const heard = (data: Buffer) => {
      this.log += data.toString();
      const text = data.toString().replace(/\n$/, "");
      for (const line of text.split("\n")) this.say(OWN.pod, OWN.namespace, OWN.container, line);
    };
    this.child.stdout?.on("data", heard);
    this.child.stderr?.on("data", heard);
  }

  /** Has a container log a line, as containerd writes it. */
  say(pod: string, namespace: string, container: string, line: string): void {
    const file = `${pod}_${namespace}_${container}-${"0123456789abcdef".repeat(4)}.log`;
    appendFileSync(
      this.path(`log/containers/${file}`),
      `${new Date().toISOString()} stdout F ${line}\n`,
    );
  }

  async stop(): Promise<void> {
    this.child?.kill("SIGKILL");
    this.api.closeAllConnections();
    await new Promise((resolve) => this.api.close(resolve));
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  /** Its folders, here. */
  private here(text: string): string {
    return Object.entries(FOLDER).reduce(
      (all, [name, place]) => all.replaceAll(`${place}/`, `${this.path(name)}/`),
      text,
    );
  }
}

/** Has a server listen where nothing else does; gives the port. */
async function free(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
