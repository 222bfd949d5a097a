/**
 * In a directory: its databases were restored, or the app has made some. Not written for an empty one: when a
 * folder of the replica was mistyped at the first start, and is corrected, what it holds must still come.
 */
export const RESTORED_MARKER = ".litestream-restored";
