import { isExpression } from "../terraform/expression";
import { type Problem, shapeProblems } from "../terraform/problem";

/** Problems of texts that have to be there; they may be secret, and aren't shown. */
export function givenProblems(texts: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(texts)
    .filter(([, text]) => !isExpression(text) && (typeof text !== "string" || text === ""))
    .map(([field]) => ({ field, wrong: "is missing", fix: "Write it, or give it a variable." }));
}

/** Problems of a server's name and port. */
export function hostProblems(field: string, value: unknown): Problem[] {
  return shapeProblems(field, value, /^(\[[0-9a-fA-F:.]+\]|[^\s/:@]+)(:\d+)?$/, [
    "is not a host and port",
    'Leave out "https://" and any path, for example "minio.lan:9000".',
  ]);
}

/** Problems of a check's tags, which healthchecks separates by spaces. */
export function tagProblems(tags: readonly unknown[] = []): Problem[] {
  return tags.flatMap((tag, index) =>
    shapeProblems(`tags[${index}]`, tag, /^\S+$/, [
      "is not a tag",
      "Write one word; healthchecks takes what stands behind a space for another.",
    ]),
  );
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, which MinIO follows */
export function bucketNameProblems(field: string, value: unknown): Problem[] {
  const shape = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*(\.\.|\.-|-\.))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
  return shapeProblems(field, value, shape, [
    "is not a bucket's name",
    'Write 3 to 63 lower-case letters, digits, "." and "-", for example "backups".',
  ]);
}

/**
 * Problems of the folder that a user is kept in. It must be known at synth, and must mean one folder: a wildcard or a
 * variable of the policy language would open others.
 */
export function folderProblems(field: string, value: unknown): Problem[] {
  if (isExpression(value))
    return [
      {
        field,
        wrong: "is known only at apply, but says what the user may touch",
        fix: 'Write the folder itself, for example "notes".',
      },
    ];
  const fix = 'Write the path of the app\'s replica, for example "notes" or "home/notes".';
  const folder = shapeProblems(field, value, /^[^/]+(\/[^/]+)*$/, [
    value === ""
      ? "is empty: the user would get at every app's backup"
      : 'is not a folder: names joined by "/", with none at its ends',
    fix,
  ]);
  if (folder.length > 0) return folder;
  const names = String(value).split("/");
  if (names.includes(".") || names.includes(".."))
    return [{ field, value, wrong: 'has "." or ".." in it, which S3 takes for names', fix }];
  if (/[*?$"\\]|[^ -~]/.test(String(value)))
    return [
      {
        field,
        value,
        wrong: "has a character that means something else in a policy",
        fix: 'Leave out "*", "?", "$", quotes, backslashes, and what isn\'t ASCII, here and in the replica.',
      },
    ];
  return [];
}

/** MinIO's user names, as the provider takes them too. */
export function userNameProblems(field: string, value: unknown): Problem[] {
  return shapeProblems(field, value, /^[0-9A-Za-z.@_+-]{3,64}$/, [
    "is not a user's name",
    'Write 3 to 64 letters, digits, ".", "@", "_", "+" and "-".',
  ]);
}

/** What a secret key looks like; the provider cuts off white space, and the app's Secret wouldn't. */
export const SECRET_KEY = "^[!-~]{8,40}$";

/** What is wrong with another one. */
export const SECRET_KEY_FIX =
  "Write 8 to 40 ASCII characters without white space, for example those of: openssl rand -hex 20";

export function secretKeyProblems(field: string, value: unknown): Problem[] {
  if (isExpression(value)) return [];
  if (typeof value === "string" && new RegExp(SECRET_KEY).test(value)) return [];
  // Its value isn't shown.
  return [
    {
      field,
      wrong: value === undefined ? "is missing" : "is not a secret key of MinIO",
      fix: `${SECRET_KEY_FIX}.`,
    },
  ];
}

/** Problems of the number that has a secret written. */
export function revisionProblems(field: string, value: unknown): Problem[] {
  if (isExpression(value) || (Number.isInteger(value) && Number(value) >= 1)) return [];
  return [
    {
      field,
      value,
      wrong:
        value === undefined
          ? "is missing, and without it a new key would never be written"
          : "is not a whole number from 1",
      fix: "Write 1, and another number at each rotation; usually a variable.",
    },
  ];
}

/** Problems of a name of a check. */
export function checkNameProblems(field: string, value: unknown): Problem[] {
  return shapeProblems(field, value, /^.{1,100}$/, [
    "is not a check's name",
    "Write 1 to 100 characters.",
  ]);
}

const MINUTE = 60;
const YEAR = 365 * 24 * 3600;

/** @see https://healthchecks.io/docs/api/#create-check */
export function graceProblems(field: string, value: unknown): Problem[] {
  if (isExpression(value)) return [];
  if (Number.isInteger(value) && Number(value) >= MINUTE && Number(value) <= YEAR) return [];
  return [
    {
      field,
      value,
      wrong: "is not a time that healthchecks would wait",
      fix: `Write seconds, from ${MINUTE} (a minute) to ${YEAR} (a year).`,
    },
  ];
}
