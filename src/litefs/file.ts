import { asText, literal, yamlText } from "../terraform/expression";
import type { LitefsClusterConfig } from "./config";
import {
  advertiseUrl,
  API_PORT,
  DATA_FOLDER,
  DOLLAR_VARIABLE,
  IMPORT_FOLDER,
  IMPORT_PORT,
  POD_VARIABLE,
  podHost,
  PROXY_PORT,
} from "./names";
import type { LitefsClusterProps } from "./props";

/**
 * litefs.yml as LiteFS 0.5.14 reads it; a key that it doesn't know is an error there. LiteFS expands `${NAME}` and
 * `${ NAME == "value" }` in it before it reads it.
 *
 * The lease is static: every node has the primary's name and address, and only pod 0 is a candidate, which is decided
 * when the container starts, by a variable that the app's environment can't set. The cluster's id is never preset: it is made
 * by the first primary, and keeps one that was set up anew away from the replicas' data.
 *
 * @see https://fly.io/docs/litefs/config/
 * @see https://github.com/superfly/litefs/blob/v0.5.14/cmd/litefs/config.go
 */
export function litefsFile(props: LitefsClusterProps, config: LitefsClusterConfig): string {
  const { place, mountPath, databases, maxLag } = config;
  const text = yamlText(
    {
      fuse: { dir: mountPath, "allow-other": true },
      data: data(config),
      http: { addr: `:${API_PORT}` },
      proxy: {
        addr: `:${PROXY_PORT}`,
        target: `localhost:${asText(props.port)}`,
        db: databases[0],
        "max-lag": maxLag,
      },
      log: LOG,
      ...(props.exec && { exec: commands(props.exec) }),
    },
    { dollar: `\${${DOLLAR_VARIABLE}}` },
  );
  return text + lease(place);
}

/** The same for a LiteFS that nobody sees, into which the primary puts what was restored before it starts. */
export function importFile(config: LitefsClusterConfig): string {
  const text = yamlText({
    fuse: { dir: IMPORT_FOLDER },
    data: data(config),
    http: { addr: `127.0.0.1:${IMPORT_PORT}` },
    log: LOG,
  });
  return text + lease(config.place);
}

const LOG = { format: "json", timestamp: true };

function data({ retention }: LitefsClusterConfig) {
  return { dir: DATA_FOLDER, compress: true, retention };
}

/** Written by hand: what LiteFS expands to true or false must not stand in quotes. */
function lease(place: LitefsClusterConfig["place"]): string {
  return [
    "lease:",
    "  type: static",
    `  hostname: ${place.name}-0`,
    `  advertise-url: ${advertiseUrl(place)}`,
    `  candidate: \${ ${POD_VARIABLE} == "${place.name}-0" }`,
    "",
  ]
    .map(literal)
    .join("\n");
}

function commands({ command, migrations = [] }: NonNullable<LitefsClusterProps["exec"]>) {
  return [...migrations.map((cmd) => ({ cmd, "if-candidate": true })), { cmd: command }];
}

/** The primary as pods and people name it. */
export function primaryHost(config: LitefsClusterConfig): string {
  return podHost(config.place, 0);
}
