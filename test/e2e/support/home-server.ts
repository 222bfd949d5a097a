import type { Construct } from "constructs";
import { HomeServer } from "../../../stacks/home-server";
import type { LitestreamApp } from "../../../src";
import { S3 } from "./apps";
import type { Cluster } from "./cluster";
import type { Variables } from "./deploy";
import type { Receiver } from "./receiver";
import { tryRun } from "./run";
import { built } from "./servers";

/** What takes an app's place in a test, as far as Kubernetes, Litestream and the proof can see it. */
interface StandIn {
  /** What answers the app's probes. */
  readonly health: string;
  /** The table that the proof asks for, and how a row with a number, `?`, gets into it. */
  readonly schema: string;
  readonly insert: string;
  readonly select: string;
}

/** The real ones are in images that not every node has. */
export const STAND_INS: Readonly<Record<"memos" | "gatus", StandIn>> = {
  memos: {
    health: "/healthz",
    schema: "CREATE TABLE IF NOT EXISTS user (number INTEGER)",
    insert: "INSERT INTO user VALUES (?)",
    select: "SELECT number FROM user",
  },
  gatus: {
    health: "/health",
    schema: "CREATE TABLE IF NOT EXISTS endpoint_results (number INTEGER, timestamp TEXT)",
    insert: "INSERT INTO endpoint_results VALUES (?, datetime('now'))",
    select: "SELECT number FROM endpoint_results",
  },
};

/** Answers the health path, and /rows/<number> when that row is committed. */
const SERVER = `
use strict; use warnings; use IO::Socket::INET;
my ($port, $database, $health, $schema, $insert) = @ARGV;
sub sql { system('sqlite3', '-cmd', '.timeout 5000', $database, $_[0]) == 0 }
$SIG{TERM} = sub { exit 0 };
sql("PRAGMA journal_mode=WAL; $schema") or die "no database\\n";
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 16, ReuseAddr => 1) or die "$!\\n";
while (1) {
  my $client = $server->accept or next;
  my (undef, $path) = split ' ', (<$client> // '');
  while (defined(my $line = <$client>)) { last if $line =~ /^\\r?$/ }
  my $status = '404 Not Found';
  if (($path //= '') eq $health) { $status = '200 OK' }
  elsif ($path =~ m{^/rows/(\\d+)$}) {
    my $number = $1;
    (my $statement = $insert) =~ s/\\?/$number/;
    $status = sql($statement) ? '200 OK' : '500 Internal Server Error';
  }
  print $client "HTTP/1.1 $status\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n";
  close $client;
}`;

/** The stack as it is declared, but for the containers of the apps that have a stand-in. */
export function homeServer(scope: Construct, id: string): HomeServer {
  const stack = new HomeServer(scope, id);
  for (const { app } of stack.apps)
    if (app.name in STAND_INS) replaceContainer(app, STAND_INS[app.name as keyof typeof STAND_INS]);
  return stack;
}

function replaceContainer(app: LitestreamApp, standIn: StandIn): void {
  const { health, schema, insert } = standIn;
  const database = app.config.databases[0]?.path ?? "";
  const args = [String(app.props.port), database, health, schema, insert];
  const container = "spec.template.spec.container.0";
  app.workload.addOverride(`${container}.image`, "litestream/litestream:0.5.16");
  app.workload.addOverride(`${container}.command`, ["perl", "-e", SERVER.replaceAll("${", "$${")]);
  app.workload.addOverride(`${container}.args`, args);
}

/** A row through the Service of an app that has a stand-in; throws unless it is acknowledged. */
export async function addRow(
  cluster: Cluster,
  name: keyof typeof STAND_INS,
  number: number,
): Promise<void> {
  const service = `/api/v1/namespaces/${cluster.namespace}/services/${name}:http`;
  await cluster.kubectl("get", "--raw", `${service}/proxy/rows/${number}`);
}

/** What must be found in no file of Terraform's. */
export const SECRETS = {
  key: S3.secretAccessKey,
  ping: "ping-of-",
  gotify: "gotify-token-of-this-test",
  slack: "slack-hook-of-this-test",
};

/** What a person would put into the stack's variables. */
export function homeServerVariables(receiver: Receiver): Variables {
  const ofEach = (value: (app: string) => string) =>
    JSON.stringify(
      Object.fromEntries(["pocketbase", "memos", "gatus"].map((app) => [app, value(app)])),
    );
  return {
    s3_endpoint: S3.endpoint,
    s3_region: S3.region,
    s3_bucket: S3.bucket,
    s3_access_key_ids: ofEach(() => S3.accessKeyId),
    s3_secret_keys: ofEach(() => S3.secretAccessKey),
    ping_urls: ofEach((app) => receiver.url(`${SECRETS.ping}${app}`)),
    gotify_url: receiver.url("gotify"),
    gotify_token: SECRETS.gotify,
    slack_url: receiver.url(SECRETS.slack),
    domain: "home.example.com",
    cluster_issuer: "letsencrypt",
    when_no_backup: "start-empty",
  };
}

/** Removes what the stack's apps have in the bucket, whose folders are the same at each run. */
export async function emptyBucket(): Promise<void> {
  const remote = `:s3,provider=Other,endpoint='${S3.endpointHere}',access_key_id=${S3.accessKeyId},secret_access_key=${S3.secretAccessKey},region=${S3.region}:${S3.bucket}/home`;
  const { code, stderr } = await tryRun(await built("rclone"), ["purge", "--config", "", remote]);
  // 3 says that there is no such folder.
  if (code !== 0 && code !== 3) throw new Error(`rclone purge exited ${code}:\n${stderr}`);
}
