import type { EnvironmentValue } from "../kubernetes/environment";
import type { SecretKey } from "../kubernetes/secret";
import { secretUrlEnvironment } from "../kubernetes/secret-url";
import { endpoints, type LogAlertsConfig } from "./config";

/** What endpoints.sh is told of each URL, in this order. */
export function endpointArguments(config: LogAlertsConfig): string[] {
  return endpoints(config).flatMap(({ name, suffix, url, token }) => [
    name,
    suffix,
    source(url),
    token ? source(token) : "",
  ]);
}

/** URLs and tokens, as endpoints.sh finds them. */
export function endpointEnvironment(config: LogAlertsConfig): Record<string, EnvironmentValue> {
  return secretUrlEnvironment(endpoints(config), (part, index) => `${part}_${index}`);
}

function source({ secret, key }: SecretKey): string {
  return `key ${key} of Secret ${secret.name}`;
}
