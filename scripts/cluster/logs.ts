import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { createInterface } from "node:readline";
import type { Cluster } from "./client";
import type { Place } from "./exec";

export interface LogOptions {
  /** Goes on until the container ends. */
  readonly follow?: boolean;
  readonly sinceSeconds?: number;
  /** The last so many lines only. */
  readonly tailLines?: number;
  /** Of the container's last run before this one. */
  readonly previous?: boolean;
  /** Puts the node's time and a space before each line. */
  readonly timestamps?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Gives a container's log line by line, to its end. Not through the client's own `Log`: that hides why a log can't be
 * read, and that a connection was lost.
 *
 * @throws as the client does, with `code` and `body`, which `explain` understands.
 */
export async function streamLogs(
  cluster: Cluster,
  place: Place,
  options: LogOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const response = await open(cluster, path(place, options), options.signal);
  const lines = createInterface({ input: response, crlfDelay: Infinity });
  lines.on("line", onLine);
  await new Promise<void>((resolve, reject) => {
    const end = (error?: Error) => {
      if (options.signal?.aborted || (error === undefined && response.complete)) resolve();
      else reject(error ?? Object.assign(new Error("the log broke off"), { code: "ECONNRESET" }));
    };
    // It hands on the error of what it reads.
    lines.once("error", end).once("close", () => end());
  });
}

/** A container's log so far. */
export async function readLogs(
  cluster: Cluster,
  place: Place,
  options: Omit<LogOptions, "follow"> = {},
): Promise<string[]> {
  const lines: string[] = [];
  await streamLogs(cluster, place, options, (line) => lines.push(line));
  return lines;
}

function path({ namespace, pod, container }: Place, options: LogOptions): string {
  const { signal: _, ...asked } = options;
  const query = new URLSearchParams({ container });
  for (const [name, value] of Object.entries(asked))
    if (value !== undefined && value !== false) query.set(name, String(value));
  return `/api/v1/namespaces/${namespace}/pods/${pod}/log?${query.toString()}`;
}

async function open(
  { config, server }: Cluster,
  rest: string,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const url = new URL(server.replace(/\/$/, "") + rest);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    send(url, { ...options, signal }, resolve)
      .once("error", reject)
      .end(),
  );
  if (response.statusCode === 200) return response;
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += chunk;
  throw Object.assign(new Error(`HTTP ${response.statusCode}`), {
    code: response.statusCode,
    body,
  });
}
