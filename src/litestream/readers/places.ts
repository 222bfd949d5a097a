/** Where the follower has Litestream fetch to; the app doesn't see it. */
export const FOLLOWER_FOLDER = "/litestream-follower";

/** Where follower and app find how far each database lags: its path with ".json", below this folder. */
export const STATUS_FOLDER = "/run/litestream-readers";
