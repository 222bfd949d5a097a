import { setTimeout as sleep } from "node:timers/promises";
import { type Cluster } from "./cluster";
import { eventually, start } from "./run";

export const POD = "pocketbase-0";
export const DATA = "/pb_data/data.db";

/** A PocketBase in the cluster, written to through its HTTP API. */
export class PocketBase {
  private constructor(
    readonly cluster: Cluster,
    private readonly url: string,
    readonly close: () => void,
  ) {}

  /** Makes a collection `rows` that anyone may add to, through the API server's proxy. */
  static async open(cluster: Cluster): Promise<PocketBase> {
    const proxy = await start("kubectl", ["proxy", "--port=0", "--keepalive=30s"]);
    const address = /127\.0\.0\.1:\d+/.exec(proxy.firstLine)?.[0];
    const url = `http://${address}/api/v1/namespaces/${cluster.namespace}/services/pocketbase:http/proxy`;
    const pocketbase = new PocketBase(cluster, url, proxy.stop);
    try {
      await pocketbase.makeCollection();
      return pocketbase;
    } catch (error) {
      proxy.stop();
      throw error;
    }
  }

  private async makeCollection(): Promise<void> {
    // From inside: the API server's proxy takes the Authorization header for itself.
    const account = ["admin@example.com", "1234567890"];
    await this.cluster.exec(
      POD,
      "app",
      "pocketbase",
      "superuser",
      "upsert",
      ...account,
      "--dir=/pb_data",
    );
    const login = { identity: account[0], password: account[1] };
    const { token } = JSON.parse(
      await this.post("/api/collections/_superusers/auth-with-password", login),
    ) as {
      token: string;
    };
    this.token = token;
    const sql = "SELECT name FROM sqlite_master WHERE name = 'rows'";
    if ((await this.cluster.sqlite(POD, DATA, sql)).length > 0) return;
    const rows = {
      name: "rows",
      type: "base",
      createRule: "",
      listRule: "",
      fields: [{ name: "number", type: "number" }],
    };
    await this.post("/api/collections", rows);
  }

  private token = "";

  /** A POST from inside the pod, as the superuser. */
  post(path: string, body: object, token = this.token): Promise<string> {
    return this.cluster.exec(
      POD,
      "app",
      ...[
        "wget",
        "-q",
        "-O-",
        `--header=Authorization: ${token}`,
        "--header=Content-Type: application/json",
      ],
      ...[`--post-data=${JSON.stringify(body)}`, `http://127.0.0.1:8090${path}`],
    );
  }

  /** Adds one row; true when PocketBase has acknowledged it. */
  async add(number: number): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/api/collections/rows/records`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ number }),
        signal: AbortSignal.timeout(5000),
      });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  /** Adds one row as soon as PocketBase answers. */
  addEventually(number: number): Promise<boolean> {
    return eventually(`row ${number} acknowledged`, 60, () => this.add(number));
  }

  async rows(): Promise<Set<number>> {
    return new Set((await this.cluster.sqlite(POD, DATA, "SELECT number FROM rows")).map(Number));
  }
}

/** Writes rows one after another, about 100 a second, and remembers which were acknowledged and when. */
export class Writer {
  readonly acknowledged = new Map<number, number>();
  private running = true;
  private readonly done: Promise<void>;

  constructor(
    private readonly pocketbase: PocketBase,
    private next: number,
  ) {
    this.done = this.write();
  }

  private async write(): Promise<void> {
    while (this.running) {
      const number = this.next++;
      if (await this.pocketbase.add(number)) this.acknowledged.set(number, Date.now());
      await sleep(5);
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  /** Acknowledged rows that aren't among `rows`. */
  missing(rows: ReadonlySet<number>): number[] {
    return [...this.acknowledged.keys()].filter((number) => !rows.has(number));
  }
}
