/** A request to GitHub's or GitLab's API, and the JSON it answers; throws whatever isn't a success. */
export async function request<T>(
  method: string,
  address: string,
  headers: Readonly<Record<string, string>>,
  body?: object,
): Promise<T> {
  const response = await fetch(address, {
    method,
    headers: { ...headers, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  if (response.ok) return (await response.json()) as T;
  throw new Error(`${method} ${address}: ${response.status} ${await response.text()}`);
}

/** An environment variable that must be there. */
export function need(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new Error(`${name} is not set.`);
}
