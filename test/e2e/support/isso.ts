import type { TerraformStack } from "cdktf";
import {
  LitefsCluster,
  type LitefsClusterProps,
  Namespace,
  Probe,
  Replica,
  Secret,
  Storage,
} from "../../../src";
import { CONTAINER } from "../../../src/kubernetes/names";
import { S3 } from "./apps";
import type { Cluster } from "./cluster";
import { run } from "./run";

export const ISSO = "ghcr.io/isso-comments/isso:0.14.0";

/** The same with LiteFS in it, made as docs/litefs.md says. */
export const ISSO_WITH_LITEFS = "registry.example.com/isso-with-litefs:0.14.0";

const DATABASE = "comments.db";

/** Isso on three pods, with a backup every 5 s; `props` differ from test to test. */
export function isso(
  stack: TerraformStack,
  namespace: Namespace,
  { name = "isso", ...props }: Partial<LitefsClusterProps> = {},
): LitefsCluster {
  return new LitefsCluster(stack, name, {
    name,
    namespace,
    image: ISSO,
    port: 8080,
    probes: { readiness: Probe.httpGet("/info", { periodSeconds: 2 }) },
    databases: [`/db/isso/${DATABASE}`],
    storage: Storage.claim({ size: "100Mi" }),
    configFiles: [
      {
        mountPath: "/config",
        files: {
          "isso.cfg": `[general]
dbpath = /db/isso/${DATABASE}
host = http://localhost
[server]
listen = http://0.0.0.0:8080/
[guard]
enabled = false
`,
        },
      },
    ],
    replica: Replica.s3({
      endpoint: S3.endpoint,
      region: S3.region,
      bucket: S3.bucket,
      path: `litefs-${process.pid}/${namespace.name}`,
      credentials: Secret.existing("s3"),
    }),
    backup: { interval: "5s" },
    disposable: true,
    ...props,
  });
}

/** What became of the writes of some clients. */
export interface Load {
  /** Comments that were acknowledged, and those that were refused with 503. */
  readonly acknowledged: readonly string[];
  readonly refused: readonly string[];
  /** Of which nobody knows what became: how the answer was, and how often. */
  readonly unknown: Readonly<Record<string, number>>;
  /** Answers 200 to a write, which Isso never gives. */
  readonly empty: number;
  /** Of the 503, those without Retry-After. */
  readonly withoutRetryAfter: number;
  readonly reads: number;
  /** Reads in which a client's own comment was missing. */
  readonly stale: number;
  readonly failedReads: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly slowest: number;
}

const LOAD = String.raw`
import http.client, json, os, sys, threading, time, urllib.parse
host, clients, writes, tag, stop = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
lock = threading.Lock()
found = dict(acknowledged=[], refused=[], unknown={}, empty=0, withoutRetryAfter=0, reads=0, stale=0, failedReads={}, slowest=0)
def client(number):
    uri, cookie, connection = '/%s-%d' % (tag, number), None, None
    def ask(method, path, body=None):
        nonlocal cookie, connection
        headers = {'Content-Type': 'application/json'}
        if cookie: headers['Cookie'] = '__txid=' + cookie
        try:
            connection = connection or http.client.HTTPConnection(host, 8080, timeout=40)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            for value in answer.headers.get_all('Set-Cookie') or []:
                if value.startswith('__txid='): cookie = value[7:].split(';')[0]
            return answer.status, text, answer.headers
        except Exception as error:
            connection = None
            return type(error).__name__, b'', {}
    for index in range(writes):
        if os.path.exists(stop): break
        text = '%s-%d-%d' % (tag, number, index)
        began = time.time()
        status, body, headers = ask('POST', '/new?uri=' + urllib.parse.quote(uri), json.dumps(dict(text=text, title=tag, author='a')))
        with lock:
            found['slowest'] = max(found['slowest'], time.time() - began)
            if status == 201: found['acknowledged'].append(text)
            elif status == 503:
                found['refused'].append(text)
                if not headers.get('Retry-After'): found['withoutRetryAfter'] += 1
            elif status == 200: found['empty'] += 1
            else: found['unknown'][str(status)] = found['unknown'].get(str(status), 0) + 1
        if status != 201:
            time.sleep(0.2)
            continue
        status, body, _ = ask('GET', '/?uri=' + urllib.parse.quote(uri))
        with lock:
            if status == 200:
                found['reads'] += 1
                # By its text: with several processes Isso tells now and then the id of another comment.
                if not any('>%s<' % text in one['text'] for one in json.loads(body)['replies']): found['stale'] += 1
            else: found['failedReads'][str(status)] = found['failedReads'].get(str(status), 0) + 1
began = time.time()
threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
for one in threads: one.start()
for one in threads: one.join()
found['seconds'] = time.time() - began
print(json.dumps(found))
`;

/** A pod from which clients write through the router. */
export class Clients {
  private count = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly host = "isso",
  ) {}

  async start(): Promise<void> {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "clients", namespace: this.cluster.namespace },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "clients", image: ISSO, command: ["sleep", "infinity"] }],
      },
    };
    await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(pod) });
    await this.cluster.ready("clients");
  }

  /** Each client writes a comment, and reads it again, so many times. */
  write(clients: number, writes: number): Promise<Load> {
    return this.load(clients, writes, "/tmp/never");
  }

  /** Clients write until `meanwhile` is done. */
  async during(clients: number, meanwhile: () => Promise<void>): Promise<Load> {
    const stop = `/tmp/stop-${this.count}`;
    const load = this.load(clients, 1_000_000, stop);
    try {
      await meanwhile();
    } finally {
      await this.cluster.exec("clients", "clients", "touch", stop);
    }
    return load;
  }

  private async load(clients: number, writes: number, stop: string): Promise<Load> {
    const tag = `w${this.count++}`;
    const args = [this.host, String(clients), String(writes), tag, stop];
    const out = await this.cluster.exec("clients", "clients", "python3", "-c", LOAD, ...args);
    return JSON.parse(out) as Load;
  }

  /** One request: status, headers and body. */
  async ask(method: string, path: string, host = this.host, port = 8080) {
    const script =
      "import http.client, json, sys\nc = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=20)\nc.request(sys.argv[3], sys.argv[4], '{}' if sys.argv[3] == 'POST' else None, {'Content-Type': 'application/json'})\na = c.getresponse()\nprint(json.dumps(dict(status=a.status, headers=dict(a.headers), body=a.read().decode())))";
    const args = [host, String(port), method, path];
    const out = await this.cluster.exec("clients", "clients", "python3", "-c", script, ...args);
    return JSON.parse(out) as { status: number; headers: Record<string, string>; body: string };
  }
}

/** What a pod has on its own disk, asked in the container that is there also while LiteFS may not start. */
const onDisk = (cluster: Cluster, pod: string, ...command: string[]) =>
  cluster.exec(pod, CONTAINER.restore, ...command);

/** The texts of all comments that a pod has on its own disk. */
export async function comments(cluster: Cluster, pod: string): Promise<Set<string>> {
  const file = `file:/var/lib/litefs/dbs/${DATABASE}/database?immutable=1`;
  const select = "SELECT text FROM comments";
  const out = await onDisk(cluster, pod, "sqlite3", "-readonly", file, select);
  return new Set(out.split("\n").filter((line) => line !== ""));
}

/** How many of some comments a pod lacks. */
export async function missing(
  cluster: Cluster,
  pod: string,
  texts: readonly string[],
): Promise<number> {
  const found = await comments(cluster, pod);
  return texts.filter((text) => !found.has(text)).length;
}

/** How far a pod's database is, whether LiteFS runs or not. */
export async function transaction(cluster: Cluster, pod: string): Promise<number> {
  const files = await onDisk(cluster, pod, "ls", `/var/lib/litefs/dbs/${DATABASE}/ltx`);
  const [, last] = /-([0-9a-f]{16})\.ltx$/.exec(files.trim()) ?? [];
  return Number.parseInt(last ?? "", 16);
}
