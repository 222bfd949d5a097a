import { tryRun } from "./run";

/** An account of an S3 service. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Requests of one account, signed by curl. */
export class S3Client {
  constructor(
    private readonly endpoint: string,
    private readonly keys: Keys,
    private readonly region = "us-east-1",
  ) {}

  /** @param query its parameters, in the order of the alphabet */
  async request(
    method: string,
    path: string,
    { query = {}, body }: { query?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    const { accessKeyId, secretAccessKey } = this.keys;
    const parameters = Object.entries(query)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join("&");
    const { code, stdout, stderr } = await tryRun(
      "curl",
      [
        ...["--config", "-", "--silent", "--show-error", "--path-as-is"],
        ...["--aws-sigv4", `aws:amz:${this.region}:s3`],
        ...["--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD"],
        ...(method === "HEAD" ? ["--head"] : ["--request", method]),
        ...(body === undefined ? [] : ["--data-binary", body]),
        ...["--write-out", "\n%{http_code}"],
        `${this.endpoint}/${path}${parameters && `?${parameters}`}`,
      ],
      { input: `user = ${JSON.stringify(`${accessKeyId}:${secretAccessKey}`)}\n` },
    );
    if (code !== 0) throw new Error(`curl exited ${code}: ${stderr}`);
    const [, text = "", status] = /^([^]*)\n(\d+)$/.exec(stdout) ?? [];
    return { status: Number(status), body: text };
  }

  /** A request that has to succeed. */
  async done(...args: Parameters<S3Client["request"]>): Promise<Answer> {
    const answer = await this.request(...args);
    if (answer.status >= 300)
      throw new Error(`${args[0]} ${args[1]}: ${answer.status} ${answer.body}`);
    return answer;
  }

  /** The keys with a prefix. */
  async list(bucket: string, prefix: string): Promise<string[]> {
    const { body } = await this.done("GET", bucket, { query: { "list-type": "2", prefix } });
    return [...body.matchAll(/<Key>([^<]*)/g)].map(([, key]) => key ?? "");
  }
}
