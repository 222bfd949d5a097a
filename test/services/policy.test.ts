import { folderPolicy } from "../../src";
import { minioFolderPolicy } from "../../src/services/policy";

/** Whether a policy allows it, by the one rule that both its wildcards follow. */
function allows(mayDelete: boolean, action: string, key: string): boolean {
  const { Statement } = folderPolicy({ bucket: "backups", path: "home/notes", mayDelete });
  const fits = (pattern: string, text: string) =>
    new RegExp(`^${pattern.replace(/[.]/g, "\\.").replaceAll("*", ".*")}$`).test(text);
  return Statement.some(({ Action, Resource, Condition }) => {
    if (!Action.includes(action)) return false;
    if (!Condition) return (Resource ?? []).some((one) => fits(one, `arn:aws:s3:::backups/${key}`));
    return (Condition.StringLike?.["s3:prefix"] ?? []).some((one) => fits(one, key));
  });
}

test.each([
  ["s3:GetObject", "home/notes/app.db/0000/1.ltx", true],
  ["s3:PutObject", "home/notes/app.db/0000/1.ltx", true],
  ["s3:AbortMultipartUpload", "home/notes/app.db/0009/1.ltx", true],
  ["s3:DeleteObject", "home/notes/app.db/0000/1.ltx", true],
  ["s3:PutObject", "home/notes/.restored/app.db/undo/0000/1.ltx", true],
  ["s3:ListBucket", "home/notes/", true],
  ["s3:ListBucket", "home/notes/app.db/0000/", true],
  // A folder that begins with the same letters is another's.
  ["s3:GetObject", "home/notes-old/app.db/0000/1.ltx", false],
  ["s3:PutObject", "home/notes-old/x", false],
  ["s3:DeleteObject", "home/notes-old/x", false],
  ["s3:ListBucket", "home/notes-old/", false],
  // With this prefix a listing would have the files of both.
  ["s3:ListBucket", "home/notes", false],
  ["s3:ListBucket", "home/", false],
  ["s3:ListBucket", "", false],
  ["s3:GetObject", "home/notes", false],
  ["s3:GetObject", "other/home/notes/x", false],
  ["s3:PutBucketPolicy", "home/notes/x", false],
  ["s3:DeleteObjectVersion", "home/notes/x", false],
])("%s of %j: %s", (action, key, expected) => {
  expect(allows(true, action, key)).toBe(expected);
});

test("without the right to delete everything else is the same", () => {
  const [may, mayNot] = [true, false].map((mayDelete) =>
    folderPolicy({ bucket: "backups", path: "notes", mayDelete }),
  );
  const text = JSON.stringify(may);
  expect(text).toContain(',"s3:DeleteObject"');
  expect(JSON.stringify(mayNot)).toBe(text.replace(',"s3:DeleteObject"', ""));
});

test("reads like this", () => {
  expect(folderPolicy({ bucket: "backups", path: "home/notes", mayDelete: true })).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "List",
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: ["arn:aws:s3:::backups"],
        Condition: { StringLike: { "s3:prefix": ["home/notes/*"] } },
      },
      {
        Sid: "Objects",
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"],
        Resource: ["arn:aws:s3:::backups/home/notes/*"],
      },
    ],
  });
});

test("a user of MinIO may make no other keys, change none, and delete no versions", () => {
  const access = { bucket: "backups", path: "notes", mayDelete: true };
  expect(minioFolderPolicy(access)).toEqual({
    Version: "2012-10-17",
    Statement: [
      ...folderPolicy(access).Statement,
      {
        Sid: "NoKeys",
        Effect: "Deny",
        Action: ["admin:CreateServiceAccount", "admin:CreateUser"],
      },
      {
        Sid: "NoVersions",
        Effect: "Deny",
        Action: ["s3:DeleteObjectVersion"],
        Resource: ["arn:aws:s3:::backups/notes/*"],
      },
    ],
  });
});
