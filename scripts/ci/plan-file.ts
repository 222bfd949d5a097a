import { execFileSync } from "node:child_process";

/**
 * A plan file holds the state and every variable that isn't ephemeral, secret ones too: whoever may
 * download a run's artifacts must not be able to read it.
 */
export function encrypt(from: string, to: string, passphrase: string): void {
  gpg(["--symmetric", "--cipher-algo", "AES256", "--output", to, from], passphrase);
}

/** @throws Error when the passphrase is another one, or the file isn't what was encrypted */
export function decrypt(from: string, to: string, passphrase: string): void {
  gpg(["--decrypt", "--output", to, from], passphrase);
}

function gpg(args: readonly string[], passphrase: string): void {
  // No cache: the agent would give the passphrase of an earlier call on the same machine.
  const quiet = ["--batch", "--yes", "--quiet", "--no-symkey-cache", "--pinentry-mode", "loopback"];
  execFileSync("gpg", [...quiet, "--passphrase-fd", "0", ...args], {
    input: passphrase,
    stdio: ["pipe", "inherit", "pipe"],
  });
}
