import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Where the pods find this machine, and what they call it. */
export const HERE = {
  address: process.env.E2E_HERE_ADDRESS ?? "10.244.0.1",
  name: process.env.E2E_HERE_NAME ?? "sink.lab",
};

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What it was answered. */
  readonly status: number;
  /** When it came, in milliseconds. */
  readonly at: number;
}

/** A real HTTP server for reports. It answers 200 unless told otherwise. */
export class Receiver {
  private readonly received: Received[] = [];
  private readonly answers = new Map<string, number[]>();

  private listening = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url: path = "", headers } = request;
        const first = firstOf(path);
        const status = receiver.answers.get(first)?.shift() ?? 200;
        const body = Buffer.concat(chunks).toString();
        receiver.received.push({ method, path, headers, body, status, at: Date.now() });
        response.writeHead(status).end();
      });
    });
    await receiver.listen();
    return receiver;
  }

  get port(): number {
    return this.listening;
  }

  /** Takes no connections until `listen` is called, and then is at the same port again. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.server.once("error", reject).listen(this.listening, HERE.address, resolve),
    );
    this.listening = (this.server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://${HERE.name}:${this.port}/${path}`;
  }

  /** Has the next requests for a path's first part answered so. */
  answer(first: string, ...statuses: number[]): void {
    this.answers.set(first, statuses);
  }

  /** What came in for a path's first part. */
  of(first: string): Received[] {
    return this.received.filter(({ path }) => firstOf(path) === first);
  }

  async stop(): Promise<void> {
    if (this.server.listening) await this.close();
  }
}

function firstOf(path: string): string {
  return /^\/([^/?]*)/.exec(path)?.[1] ?? "";
}
