/** Where `npm run restore` keeps the files that were there before: in this folder of each volume. */
export const BEFORE_FOLDER = ".litestream-before-restore";

/** What it appends to their names, so that no pattern for a directory's databases takes them for one. */
export const BEFORE_SUFFIX = ".before";
