import { Agent, request } from "node:https";
import type { TerraformStack } from "cdktf";
import { Namespace, RqliteCluster, type RqliteClusterProps, Secret, Storage } from "../../../src";
import { S3 } from "./apps";
import type { Cluster } from "./cluster";
import { eventually } from "./run";

export const NAME = "rq";
export const PASSWORDS = {
  nodes: "nodes-p",
  verification: "proof-p",
  app: 'a"p\\$p',
  report: "r-p",
};

const password = (key: keyof typeof PASSWORDS) => ({ secret: Secret.existing("users"), key });

/** A cluster with everything on; `props` differ from step to step. */
export function cluster(
  stack: TerraformStack,
  namespace: string,
  folder: string,
  props: Partial<RqliteClusterProps> = {},
): RqliteCluster {
  return new RqliteCluster(stack, NAME, {
    name: NAME,
    namespace: new Namespace(stack, "namespace", { name: namespace, disposable: true }),
    version: "8.26.8",
    storage: Storage.claim({ size: "256Mi" }),
    // There is one node of Kubernetes.
    spread: "prefer",
    disposable: true,
    resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "2", memory: "512Mi" } },
    users: {
      nodes: password("nodes"),
      verification: password("verification"),
      clients: [
        { name: "app", password: password("app"), permissions: ["query", "execute"] },
        { name: "report", password: password("report"), permissions: ["query"] },
      ],
    },
    tls: { http: { secret: Secret.existing("http") }, nodes: { secret: Secret.existing("nodes") } },
    backup: {
      endpoint: S3.endpoint,
      region: S3.region,
      bucket: S3.bucket,
      path: `${folder}/db.sqlite.gz`,
      interval: "2s",
      credentials: Secret.existing("s3"),
    },
    restore: { whenNoBackup: "start-empty" },
    settings: { raftLogLevel: "INFO" },
    ...props,
  });
}

export interface Node {
  readonly id: string;
  readonly voter: boolean;
  readonly reachable: boolean;
  readonly leader: boolean;
}

interface Results {
  /** What went wrong with the whole request, which has the status 200 nevertheless. */
  readonly error?: string;
  readonly results?: readonly { readonly error?: string; readonly values?: unknown[][] }[];
}

/** The cluster's HTTP API by a Service, from this machine; each request is a connection of its own. */
export class Client {
  private constructor(
    private readonly address: string,
    private readonly servername: string,
    private readonly ca: string,
  ) {}

  static async open(cluster: Cluster, ca: string, service = NAME): Promise<Client> {
    const { spec } = await cluster.get<any>("service", service);
    return new Client(spec.clusterIP, `${service}.${cluster.namespace}.svc`, ca);
  }

  async ask(
    path: string,
    { user = "app", secret, body }: { user?: string; secret?: string; body?: unknown } = {},
  ): Promise<{ status: number; text: string }> {
    const known = { "rqlite-nodes": PASSWORDS.nodes, ...PASSWORDS } as Record<string, string>;
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: this.address,
          port: 4001,
          path,
          method: body === undefined ? "GET" : "POST",
          servername: this.servername,
          ca: this.ca,
          agent: new Agent({ keepAlive: false }),
          auth: `${user}:${secret ?? known[user] ?? ""}`,
          headers: { "content-type": "application/json" },
          timeout: 2000,
        },
        (response) => {
          let text = "";
          response.on("data", (data: Buffer) => void (text += data.toString()));
          response.on("error", reject);
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      asked.on("error", reject);
      asked.on("timeout", () => asked.destroy(new Error("timeout")));
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Statements that have to succeed: rqlite answers 200 also when it has no leader any more. */
  async execute(...statements: unknown[]): Promise<void> {
    const { status, text } = await this.ask("/db/execute?timeout=2s", { body: statements });
    const { error, results = [] } = status === 200 ? (JSON.parse(text) as Results) : {};
    const wrong = error ?? results.find((one) => one.error)?.error;
    if (status !== 200 || wrong !== undefined || results.length !== statements.length)
      throw new Error(`${status}: ${wrong ?? text}`);
  }

  /** Rows of a query, as a majority has them. */
  async query(sql: string, level = "strong"): Promise<unknown[][]> {
    const { status, text } = await this.ask(
      `/db/query?level=${level}&q=${encodeURIComponent(sql)}`,
    );
    const [result] = status === 200 ? ((JSON.parse(text) as Results).results ?? []) : [];
    if (!result || result.error) throw new Error(`${status}: ${text}`);
    return result.values ?? [];
  }

  async nodes(): Promise<Node[]> {
    const { text } = await this.ask("/nodes?nonvoters&ver=2", { user: "rqlite-nodes" });
    return (JSON.parse(text) as { nodes: Node[] }).nodes;
  }

  async leader(): Promise<string> {
    return eventually(
      "a leader",
      60,
      async () => (await this.nodes()).find((one) => one.leader)?.id,
    );
  }
}

/** Clients that write rows of their own numbers, each again until it is acknowledged. */
export class Writers {
  readonly acknowledged: { readonly number: number; readonly at: number }[] = [];
  private running = true;
  private next: number;
  private readonly ends: Promise<void>[];

  constructor(
    private readonly client: Client,
    from = 1,
    count = 8,
  ) {
    this.next = from;
    this.ends = Array.from({ length: count }, () => this.write());
  }

  private async write(): Promise<void> {
    while (this.running) {
      const number = this.next++;
      // Without an answer nobody knows whether it was written: again it is the same row.
      const row = ["INSERT OR IGNORE INTO rows VALUES (?)", number];
      for (;;)
        try {
          await this.client.execute(row);
          this.acknowledged.push({ number, at: Date.now() });
          break;
        } catch {
          if (!this.running) return;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.ends);
  }

  /** For how long nobody's row was acknowledged, at the longest, since a time. */
  longestGap(since: number): number {
    const times = this.acknowledged.map(({ at }) => at).filter((at) => at >= since);
    return Math.max(...times.map((at, index) => at - (times[index - 1] ?? since)));
  }

  /** Rows that were acknowledged and aren't there. */
  async missing(): Promise<number[]> {
    const there = new Set((await this.client.query("SELECT number FROM rows")).map(([one]) => one));
    return this.acknowledged.map(({ number }) => number).filter((number) => !there.has(number));
  }
}
