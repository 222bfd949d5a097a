import { isExpression } from "../../terraform/expression";
import type { Problem } from "../../terraform/problem";

const TYPES = "ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)";

/** Problems of an SSH server's public key, and of its absence: without one, any server is accepted. */
export function hostKeyProblems(hostKey: unknown, skipped: unknown): Problem[] {
  if (hostKey === undefined && skipped === true) return [];
  if (hostKey === undefined)
    return [
      {
        field: "hostKey",
        wrong: "is missing; without it the backup goes to whoever answers",
        fix: 'Write the server\'s public key, of a line of ssh-keyscan: "ecdsa-sha2-nistp256 AAAA…". Or say skipHostKeyCheck: true.',
      },
    ];
  if (skipped === true)
    return [
      {
        field: "skipHostKeyCheck",
        wrong: "stands beside hostKey, which is checked",
        fix: "Leave one of them out.",
      },
    ];
  if (isExpression(hostKey)) return [];
  const text = typeof hostKey === "string" ? hostKey : "";
  const [, type, key] =
    new RegExp(`^(${TYPES}) ([A-Za-z0-9+/]+={0,2})( [^\\n]*)?$`).exec(text) ?? [];
  if (type !== undefined && key !== undefined && isComplete(type, key)) return [];
  return [{ field: "hostKey", value: hostKey, ...mistake(text, type) }];
}

function mistake(text: string, type: string | undefined): Pick<Problem, "wrong" | "fix"> {
  const [, line] = new RegExp(`^\\S+ ((${TYPES}) \\S+)`).exec(text) ?? [];
  if (line !== undefined)
    return {
      wrong: "begins with the host, as a line of known_hosts or of ssh-keyscan does",
      fix: `Write "${line}".`,
    };
  if (type !== undefined)
    return {
      wrong: "is cut off, or of another type than it says",
      fix: "Copy the whole line of ssh-keyscan from the key's type on.",
    };
  return {
    wrong: "is not a server's public key",
    fix: 'Write its type and the key, of a line of ssh-keyscan: "ecdsa-sha2-nistp256 AAAA…".',
  };
}

/**
 * A public key is a row of fields, each with its length in front; the first is the type.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4253#section-6.6
 */
function isComplete(type: string, key: string): boolean {
  const bytes = Buffer.from(key, "base64");
  const fields: Buffer[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at);
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return at === bytes.length && fields.length > 1 && fields[0]?.toString() === type;
}
