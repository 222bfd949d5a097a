import { secretKeyProblems, type SecretKey } from "../kubernetes/secret";
import { isExpression } from "../terraform/expression";
import { type Keys, type Problem, unknownKeys, within } from "../terraform/problem";
import { NODES_USER, VERIFICATION_USER } from "./names";

/**
 * What a user may do.
 *
 * @see https://rqlite.io/docs/guides/security/#user-level-permissions
 */
export type RqlitePermission = (typeof PERMISSIONS)[number];

/** As in auth/credential_store.go, the same from 8.26.8 to 10.2.7. */
const PERMISSIONS = [
  "all",
  "execute",
  "query",
  "load",
  "backup",
  "snapshot",
  "status",
  "ready",
  "join",
  "join-read-only",
  "remove",
] as const;

export interface RqliteUser {
  readonly name: string;
  readonly password: SecretKey;
  readonly permissions: readonly RqlitePermission[];
}

/**
 * Who may do what. With it, whoever gives no name and password may only ask whether a node is ready, which the kubelet
 * does. Passwords come from Secrets; they reach a node by a folder in memory.
 */
export interface RqliteUsers {
  /** The password by which nodes join and leave, which the Job that removes nodes has, too. */
  readonly nodes: SecretKey;
  /** The password by which a proof of the backup asks how far the cluster is. @default none; a proof then needs it */
  readonly verification?: SecretKey;
  /** The users that clients are. */
  readonly clients: readonly RqliteUser[];
  /** What anybody may do besides asking whether a node is ready. @default nothing */
  readonly anyone?: readonly RqlitePermission[];
}

const USERS_KEYS = {
  nodes: true,
  verification: true,
  clients: true,
  anyone: true,
} satisfies Keys<RqliteUsers>;

/** One user as a node's credentials have it: who has no password is anybody. */
export interface Credential {
  readonly name: string;
  readonly password?: SecretKey;
  readonly permissions: readonly RqlitePermission[];
}

/** All users, those of the cluster itself first. */
export function credentials({
  nodes,
  verification,
  clients,
  anyone = [],
}: RqliteUsers): Credential[] {
  return [
    { name: "*", permissions: ["ready", ...anyone.filter((one) => one !== "ready")] },
    {
      name: NODES_USER,
      password: nodes,
      permissions: ["join", "join-read-only", "remove", "status"],
    },
    ...(verification
      ? [{ name: VERIFICATION_USER, password: verification, permissions: ["status"] as const }]
      : []),
    ...clients,
  ];
}

/** The variable with the password of the user of an index. */
export function passwordVariable(index: number): string {
  return `RQLITE_PASSWORD_${index}`;
}

/** Problems of the users. */
export function usersProblems(users: RqliteUsers): Problem[] {
  const clients = Array.isArray(users.clients) ? users.clients : [];
  const names = clients.map((one) => (one as RqliteUser | undefined)?.name);
  return within("users", [
    ...unknownKeys("", users, USERS_KEYS),
    ...secretKeyProblems("nodes", users.nodes),
    ...(users.verification === undefined
      ? []
      : secretKeyProblems("verification", users.verification)),
    ...(clients.length === 0
      ? [
          {
            field: "clients",
            value: users.clients,
            wrong: "has nobody who could read or write",
            fix: 'Write [{ name: "app", password: { secret, key }, permissions: ["query", "execute"] }].',
          },
        ]
      : []),
    ...clients.flatMap((one, index) =>
      within(`clients[${index}]`, userProblems(one, names.indexOf(one?.name) !== index)),
    ),
    ...permissionProblems("anyone", users.anyone ?? []),
  ]);
}

function userProblems(user: RqliteUser, again: boolean): Problem[] {
  const { name, password, permissions, ...others } = user ?? {};
  const found = unknownKeys("", others, { name: true, password: true, permissions: true });
  if (typeof name !== "string" || isExpression(name) || !/^[A-Za-z0-9][A-Za-z0-9._@-]*$/.test(name))
    found.push({
      field: "name",
      value: isExpression(name) ? undefined : name,
      wrong: "is not a user's name",
      fix: 'Write letters, digits, ".", "_", "@" and "-", beginning with a letter or digit.',
    });
  else if (again || name === NODES_USER || name === VERIFICATION_USER)
    found.push({
      field: "name",
      value: name,
      wrong: again ? "is there already" : "is a user of the cluster's own",
      fix: "Write another name.",
    });
  found.push(...secretKeyProblems("password", password));
  if (Array.isArray(permissions) && permissions.length === 0)
    found.push({
      field: "permissions",
      wrong: "is empty: the user may do nothing",
      fix: 'Write for example ["query"].',
    });
  return [...found, ...permissionProblems("permissions", permissions)];
}

function permissionProblems(field: string, permissions: unknown): Problem[] {
  const fix = `Take some of ${PERMISSIONS.join(", ")}.`;
  if (!Array.isArray(permissions) || isExpression(permissions))
    return [{ field, wrong: "is not a list of permissions", fix }];
  return permissions.flatMap((one, index) =>
    PERMISSIONS.includes(one as RqlitePermission)
      ? []
      : [{ field: `${field}[${index}]`, value: one, wrong: "is unknown", fix }],
  );
}
