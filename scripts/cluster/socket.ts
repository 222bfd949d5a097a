import { Failure } from "./failure";

/**
 * Why a web socket to a pod wasn't opened, in words. All that the client tells is an event, whose message has the HTTP
 * status.
 */
export function notOpened(
  error: unknown,
  {
    what,
    resource,
    otherwise,
  }: { readonly what: string; readonly resource: string; readonly otherwise: string },
): unknown {
  const { message, error: inner } = (error ?? {}) as { message?: unknown; error?: unknown };
  const code = /Unexpected server response: (\d+)/.exec(String(message))?.[1];
  if (code === "403")
    return new Failure(
      `You may not ${what}: that takes the verbs "get" and "create" on "${resource}".`,
    );
  return code === undefined ? (inner ?? error) : new Failure(`${otherwise} (HTTP ${code}).`);
}
