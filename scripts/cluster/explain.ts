import { Failure, TimeoutFailure } from "./failure";

/** Of which cluster an error speaks. */
export interface Where {
  readonly context: string;
  readonly server: string;
}

/** An answer other than 2xx, as the client throws it (`ApiException`). */
interface Refusal {
  readonly code: number;
  readonly body?: unknown;
}

/** The HTTP status of what the client threw, where it got an answer at all. */
export function statusCode(error: unknown): number | undefined {
  const { code } = (error ?? {}) as Partial<Refusal>;
  return typeof code === "number" ? code : undefined;
}

export const isNotFound = (error: unknown): boolean => statusCode(error) === 404;
export const isForbidden = (error: unknown): boolean => statusCode(error) === 403;

/** An error of the client in words. What isn't one of the cluster's is given back as it is. */
export function explain(error: unknown, where: Where): unknown {
  if (error instanceof Failure) return error;
  const code = statusCode(error);
  if (code !== undefined) return new Failure(refused(code, messageOf(error as Refusal), where));
  const text = unreachable(error, where);
  if (text === undefined) return error;
  return new Failure(
    `${text}\nIs it the right cluster? Another context: --context; all of them: kubectl config get-contexts`,
  );
}

function refused(code: number, message: string, { context, server }: Where): string {
  if (code === 401)
    return `The cluster at ${server} doesn't accept the credentials of the context "${context}": they are wrong or have expired.`;
  if (code === 403)
    return `The user of the context "${context}" may not do this: ${message}\nAsk for a Role that allows it, or take another context: --context`;
  return `The cluster at ${server} answered ${code}: ${message}`;
}

/** The words of the API server, which names verb, resource and namespace. */
function messageOf({ body }: Refusal): string {
  const status = typeof body === "string" ? parsed(body) : body;
  const { message } = (status ?? {}) as { message?: unknown };
  if (typeof message === "string") return message;
  return typeof body === "string" && body.trim() !== "" ? body.trim().slice(0, 500) : "no reason";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "the connection is refused"],
  [/ENOTFOUND|EAI_AGAIN/, "its name can't be resolved"],
  [/EHOSTUNREACH|ENETUNREACH/, "there is no route to it"],
  [/ETIMEDOUT|ESOCKETTIMEDOUT/, "the connection times out"],
  [/ECONNRESET|EPIPE|socket hang up/, "the connection was cut"],
  [/EPROTO|wrong version number/, "it doesn't speak TLS"],
];

/** Those of Node's codes that speak of a certificate. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;

function unreachable(error: unknown, { context, server }: Where): string | undefined {
  const { name, type, code, message } = (error ?? {}) as Record<string, unknown>;
  if (name === "AbortError" || name === "TimeoutError" || type === "aborted")
    return `The cluster at ${server} (context "${context}") doesn't answer in time.`;
  const told = `${String(code ?? "")} ${String(message ?? "")}`;
  const [, reason] = REASONS.find(([pattern]) => pattern.test(told)) ?? [];
  if (reason) return `No cluster answers at ${server} (context "${context}"): ${reason}.`;
  if (typeof code === "string" && CERTIFICATE.test(code))
    return `The certificate of the cluster at ${server} (context "${context}") can't be trusted: ${String(message)}.`;
  return undefined;
}

/** Gives what a promise gives, or throws once `seconds` are over. */
export async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TimeoutFailure(`${what}: not within ${seconds} s.`)),
      seconds * 1000,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
