import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run";

/** An authority of the test's own, and Secrets with certificates of it, as cert-manager makes them. */
export class Authority {
  private readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-ca-"));

  constructor() {
    const subject = ["-days", "2", "-subj", "/CN=e2e", "-out", this.path("ca.crt")];
    this.openssl("req", "-x509", ...KEY, "-keyout", this.path("ca.key"), ...subject);
  }

  /** The authority's own certificate. */
  get certificate(): string {
    return readFileSync(this.path("ca.crt"), "utf8");
  }

  /** Makes a Secret with a certificate that is valid for names, as a server's and a client's. */
  async secret(namespace: string, name: string, names: readonly string[]): Promise<void> {
    const [request, key, signed] = ["csr", "key", "crt"].map((kind) =>
      this.path(`${name}.${kind}`),
    );
    this.openssl(
      "req",
      ...KEY,
      "-keyout",
      key ?? "",
      "-subj",
      `/CN=${name}`,
      "-out",
      request ?? "",
    );
    const extensions = [
      `subjectAltName=${names.map((one) => `DNS:${one}`).join()}`,
      "extendedKeyUsage=serverAuth,clientAuth",
    ];
    writeFileSync(this.path(`${name}.ext`), extensions.join("\n"));
    const by = ["-CA", this.path("ca.crt"), "-CAkey", this.path("ca.key"), "-CAcreateserial"];
    const to = ["-days", "2", "-out", signed ?? "", "-extfile", this.path(`${name}.ext`)];
    this.openssl("x509", "-req", "-in", request ?? "", ...by, ...to);
    const stringData = {
      "tls.crt": readFileSync(signed ?? "", "utf8"),
      "tls.key": readFileSync(key ?? "", "utf8"),
      "ca.crt": this.certificate,
    };
    await makeSecret(namespace, name, stringData, "kubernetes.io/tls");
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  private openssl(...args: string[]): void {
    execFileSync("openssl", args, { stdio: "pipe" });
  }
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** A Secret with these values. */
export async function makeSecret(
  namespace: string,
  name: string,
  stringData: Readonly<Record<string, string>>,
  type = "Opaque",
): Promise<void> {
  const metadata = { name, namespace };
  const secret = { apiVersion: "v1", kind: "Secret", metadata, type, stringData };
  await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(secret) });
}
