import type { EnvironmentValue } from "../kubernetes/environment";
import type { SecretKey } from "../kubernetes/secret";
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
  const value = ({ secret, key }: SecretKey) => ({ secret: secret.name, key });
  return Object.assign(
    {},
    ...endpoints(config).map(({ url, token }, index) => ({
      [`URL_${index}`]: value(url),
      ...(token && { [`TOKEN_${index}`]: value(token) }),
    })),
  ) as Record<string, EnvironmentValue>;
}

function source({ secret, key }: SecretKey): string {
  return `key ${key} of Secret ${secret.name}`;
}
