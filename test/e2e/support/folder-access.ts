import type { S3Client } from "./s3";

/** A service with two users, each of a folder of its own: `home/notes` and `home/wiki`. */
export interface TwoFolders {
  readonly bucket: string;
  readonly root: S3Client;
  /** May list, read, write and delete in `home/notes`. */
  readonly notes: S3Client;
  /** May list, read and write in `home/wiki`. */
  readonly wiki: S3Client;
}

/** The tests of what `folderPolicy` allows, and what not. */
export function folderAccessTests(service: () => TwoFolders): void {
  const object = (folder: string) => `${service().bucket}/home/${folder}/object`;

  beforeAll(async () => {
    for (const folder of ["notes", "notes-old", "wiki"])
      await service().root.done("PUT", object(folder), { body: `of ${folder}` });
    await service().root.done("PUT", `${service().bucket}/top`, { body: "at the top" });
  });

  test("its own folder: list, read, write, delete", async () => {
    const { notes, bucket } = service();
    expect(await notes.list(bucket, "home/notes/")).toContain("home/notes/object");
    expect((await notes.done("GET", object("notes"))).body).toBe("of notes");
    await notes.done("PUT", `${object("notes")}-2`, { body: "more" });
    await notes.done("DELETE", `${object("notes")}-2`);
    expect(await notes.list(bucket, "home/notes/object-")).toEqual([]);
  });

  test("what isn't there is missing, not forbidden", async () => {
    const { notes } = service();
    expect((await notes.request("GET", `${object("notes")}-none`)).status).toBe(404);
  });

  test.each(["GET", "HEAD", "PUT", "DELETE"])(
    "%s of anything else is forbidden",
    async (method) => {
      const { notes, root, bucket } = service();
      const body = method === "PUT" ? "overwritten" : undefined;
      const others = [object("wiki"), object("notes-old"), `${bucket}/top`];
      for (const other of others) {
        expect([other, (await notes.request(method, other, { body })).status]).toEqual([
          other,
          403,
        ]);
        expect((await root.done("GET", other)).body).not.toBe("overwritten");
      }
    },
  );

  test.each([
    {},
    { prefix: "" },
    { delimiter: "/" },
    { prefix: "home/" },
    { prefix: "home/notes" },
    { delimiter: "/", prefix: "home/notes" },
    { prefix: "home/notes-old/" },
    { prefix: "home/wiki/" },
    { delimiter: "/", prefix: "home/wiki/" },
  ] as Record<string, string>[])("listing %j is forbidden", async (query) => {
    const { notes, bucket } = service();
    const first = await notes.request("GET", bucket, { query });
    const sorted = Object.entries({ ...query, "list-type": "2" }).sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
    const second = await notes.request("GET", bucket, { query: Object.fromEntries(sorted) });
    expect([first.status, second.status]).toEqual([403, 403]);
    expect(first.body + second.body).not.toContain("object");
  });

  test("one that may not delete reads and writes, and can't delete", async () => {
    const { wiki } = service();
    await wiki.done("PUT", object("wiki"), { body: "of wiki" });
    expect((await wiki.request("DELETE", object("wiki"))).status).toBe(403);
    expect((await wiki.done("GET", object("wiki"))).body).toBe("of wiki");
  });

  test("nobody changes the bucket", async () => {
    const { notes, bucket } = service();
    for (const method of ["GET", "PUT", "DELETE"]) {
      const body = method === "PUT" ? "{}" : undefined;
      const { status } = await notes.request(method, bucket, { query: { policy: "" }, body });
      expect([method, status]).toEqual([method, 403]);
    }
    expect((await notes.request("DELETE", bucket)).status).toBe(403);
  });
}
