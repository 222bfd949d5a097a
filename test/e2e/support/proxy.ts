import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { HERE } from "./receiver";

/** A way to a server that can be closed, cut, or go dead: it takes connections then and says nothing. */
export class Proxy {
  private readonly open = new Set<Socket>();
  private dead = false;
  private isCut = false;
  private listening = 0;

  private constructor(private readonly server: Server) {}

  /** Also when nobody listens there any more. */
  get port(): number {
    return this.listening;
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server);
    server.on("connection", (incoming) => {
      proxy.keep(incoming);
      if (proxy.isCut) return void incoming.destroy();
      if (proxy.dead) return;
      const outgoing = connect(target);
      proxy.keep(outgoing);
      incoming.pipe(outgoing).pipe(incoming);
    });
    await new Promise<void>((resolve, reject) =>
      server.once("error", reject).listen(0, HERE.address, resolve),
    );
    proxy.listening = (server.address() as AddressInfo).port;
    return proxy;
  }

  /** Connections that are open end; new ones get no answer. */
  silence(): void {
    this.dead = true;
    for (const socket of this.open) socket.destroy();
  }

  /** Ends every connection, and each new one at once. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.open) socket.destroy();
  }

  /** Lets connections through again. */
  mend(): void {
    this.isCut = false;
  }

  async stop(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  private keep(socket: Socket): void {
    this.open.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => this.open.delete(socket));
  }
}
