export { guardScript } from "./guard";
export { listScript } from "./list";
export { replicateScript } from "./replicate";
export { restoreScript } from "./restore";
export { restoreNowScript } from "./restore-now";
