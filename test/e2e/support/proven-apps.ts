import type { Construct } from "constructs";
import {
  BackupVerification,
  type BackupVerificationProps,
  LitestreamApp,
  type LitestreamAppProps,
  type Namespace,
  Replica,
  Report,
  Secret,
  Storage,
} from "../../../src";
import { Receiver } from "./receiver";
import { run } from "./run";

export const DATA = "/data/app.db";

/** Writes five rows a second, unless told to be idle. Litestream could have the database locked when the table is to be made. */
const WRITER = `
trap 'exit 0' TERM
until sqlite3 ${DATA} 'PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY)'; do sleep 0.1; done
while :; do
  [ -e /data/idle ] || sqlite3 -cmd '.timeout 5000' ${DATA} 'INSERT INTO rows DEFAULT VALUES'
  sleep 0.2 & wait $!
done`;

/** Makes a database in which an index lacks a row, which every page's checksum is right about, and idles. */
const BROKEN = `
trap 'exit 0' TERM
[ -e ${DATA} ] || sqlite3 ${DATA} "
  PRAGMA journal_mode=WAL;
  CREATE TABLE rows (number INTEGER);
  CREATE INDEX by_number ON rows (number);
  INSERT INTO rows VALUES (1);
  PRAGMA writable_schema=ON;
  CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'by_number';
  DELETE FROM sqlite_schema WHERE name = 'by_number';
  PRAGMA writable_schema=RESET;
  INSERT INTO rows VALUES (2);
  PRAGMA writable_schema=ON;
  INSERT INTO sqlite_schema SELECT * FROM kept;
  PRAGMA writable_schema=RESET;"
while :; do sleep 1 & wait $!; done`;

/** Apps with a backup, and the proofs of it. */
export class ProvenApps {
  constructor(
    private readonly scope: Construct,
    private readonly namespace: Namespace,
    private readonly receiver: Receiver,
  ) {}

  app(name: string, props: Partial<LitestreamAppProps> = {}): LitestreamApp {
    return new LitestreamApp(this.scope, name, {
      name,
      namespace: this.namespace,
      image: "litestream/litestream:0.5.16",
      port: 8080,
      command: ["sh", "-c", WRITER],
      databases: [DATA],
      storage: Storage.claim({ size: "100Mi" }),
      replica: Replica.file({ claim: { size: "100Mi" } }),
      // What was compacted goes at once, so that nothing is in the replica twice, and isn't compacted once more at some minute.
      litestream: {
        levels: [{ interval: "15s" }],
        l0Retention: "5s",
        l0RetentionCheckInterval: "5s",
      },
      stopTimeout: "5s",
      disposable: true,
      ...props,
    });
  }

  broken(name: string): LitestreamApp {
    return this.app(name, { command: ["sh", "-c", BROKEN] });
  }

  /** A proof that tells a webhook and a check called after it. */
  proof(
    of: LitestreamApp,
    name: string,
    props: Partial<BackupVerificationProps> = {},
  ): BackupVerification {
    return new BackupVerification(this.scope, name, {
      of,
      name,
      deadline: "2m",
      maxLag: "5s",
      reports: [this.webhook(name), this.healthchecks(name)],
      ...props,
    });
  }

  webhook(name: string) {
    return Report.webhook({ url: key(`${name}.webhook`), token: key("token"), ...this.at });
  }

  healthchecks(name: string) {
    return Report.healthchecks({ url: key(`${name}.healthchecks`), ...this.at });
  }

  /** One receiver of every kind. */
  everybody(name: string) {
    return [
      this.webhook(name),
      this.healthchecks(name),
      Report.ntfy({ url: key(`${name}.ntfy`), token: key("token"), ...this.at }),
      Report.gotify({ url: key(`${name}.gotify`), token: key("token"), ...this.at }),
      Report.slack({ url: key(`${name}.slack`), ...this.at }),
    ];
  }

  private get at() {
    return { port: this.receiver.port };
  }
}

function key(name: string) {
  return { secret: Secret.existing("reports"), key: name };
}

/** The Secret with the receiver's URLs for each of these proofs, and those that `elsewhere` names. */
export async function makeReportSecret(
  namespace: string,
  receiver: Receiver,
  proofs: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): Promise<void> {
  const urls = proofs.flatMap((name) => [
    ...["webhook", "ntfy", "gotify", "slack"].map((kind) => [
      `${name}.${kind}`,
      receiver.url(`${name}.${kind}`),
    ]),
    [`${name}.healthchecks`, receiver.url(`${name}.healthchecks?create=1`)],
  ]);
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "reports", namespace },
    stringData: { ...Object.fromEntries(urls), token: "t0ken", ...elsewhere },
  };
  await run("kubectl", ["apply", "-f", "-"], { input: JSON.stringify(secret) });
}
