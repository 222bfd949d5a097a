import { literal } from "../terraform/expression";
import type { LitefsClusterConfig } from "./config";
import { podHost, primaryName, PROXY_PORT, ROUTER_PORT } from "./names";

/** Seconds after which a client that got 503 may try again. */
const RETRY_AFTER = 2;

/**
 * haproxy.cfg: GET and HEAD go to any pod whose LiteFS says that it isn't too far behind, everything else to the primary alone.
 * A request that was not sent gets 503, and may be repeated; HAProxy never sends one twice that may have been
 * received. One that broke off half-way gets 502 or 504: nobody knows whether it was done.
 *
 * @see https://docs.haproxy.org/3.2/configuration.html
 */
export function routerFile(config: LitefsClusterConfig): string {
  const { place, replicas, primaryPaths } = config;
  const primary = `${primaryName(place.name)}.${place.namespace}.svc.${place.clusterDomain}`;
  const pods = Array.from({ length: replicas }, (_, ordinal) => ordinal);
  const lines = [
    "global",
    "  log stdout format raw local0 notice",
    "  maxconn 4000",
    "  hard-stop-after 30s",
    "",
    "resolvers cluster",
    "  parse-resolv-conf",
    "  resolve_retries 3",
    "  timeout resolve 1s",
    "  timeout retry 1s",
    "  hold valid 2s",
    "  hold other 2s",
    "  hold refused 2s",
    "  hold nx 2s",
    "  hold timeout 2s",
    "  hold obsolete 2s",
    "",
    "defaults",
    "  mode http",
    "  log global",
    "  option dontlognull",
    "  option forwardfor if-none",
    "  option redispatch 1",
    "  retries 2",
    "  retry-on conn-failure",
    "  timeout connect 2s",
    "  timeout client 60s",
    "  timeout http-request 10s",
    "  timeout http-keep-alive 30s",
    "  timeout queue 5s",
    "  timeout server 60s",
    "  default-server check inter 1s fastinter 500ms fall 2 rise 1 init-addr none resolvers cluster resolve-prefer ipv4",
    `  http-error status 503 content-type text/plain string "no pod can take this now\\n" hdr Retry-After ${RETRY_AFTER} hdr Cache-Control no-store`,
    "",
    "frontend http",
    `  bind :${ROUTER_PORT}`,
    "  monitor-uri /litefs-router/health",
    "  acl reads method GET HEAD",
    ...primaryPaths.flatMap((path) => [
      `  acl primary-only path,url_dec -m str ${path}`,
      `  acl primary-only path,url_dec -m beg ${path.replace(/\/$/, "")}/`,
    ]),
    primaryPaths.length > 0
      ? "  use_backend any if reads !primary-only"
      : "  use_backend any if reads",
    "  default_backend primary",
    "",
    "backend primary",
    "  http-reuse never",
    ...HEALTH,
    // By its Service, whose address stays, and which has the pod only while it is ready.
    `  server primary ${primary}:${PROXY_PORT}`,
    "",
    "backend any",
    "  balance roundrobin",
    "  http-reuse safe",
    ...HEALTH,
    ...pods.map((pod) => `  server pod-${pod} ${podHost(place, pod)}:${PROXY_PORT}`),
    "",
  ];
  return lines.map((line) => literal(line)).join("\n");
}

const HEALTH = ["  option httpchk GET /litefs/health", "  http-check expect status 200"];
