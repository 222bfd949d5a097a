import { literal, literals } from "../terraform/expression";
import { backupFile } from "./backup";
import type { RqliteClusterProps } from "./props";
import { prepareScript } from "./scripts/prepare";
import { startScript } from "./scripts/start";
import { credentials } from "./users";

/** What the nodes' ConfigMap holds. Nothing in it is secret. */
export function clusterFiles({ users, backup }: RqliteClusterProps): Record<string, string> {
  return {
    ...literals({ "prepare.sh": prepareScript, "start.sh": startScript }),
    ...(users ? { users: literal(usersList(users)) } : {}),
    ...(backup ? { "backup.json": backupFile(backup) } : {}),
  };
}

/** A user a line, as prepare.sh takes them: the index of the password or "-", permissions, name. */
function usersList(users: NonNullable<RqliteClusterProps["users"]>): string {
  return credentials(users)
    .map(({ name, password, permissions }, index) =>
      [password ? String(index) : "-", permissions.join(","), name].join(" "),
    )
    .map((line) => `${line}\n`)
    .join("");
}
