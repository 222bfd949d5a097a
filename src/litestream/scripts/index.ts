export { guardScript } from "./guard";
export { replicateScript } from "./replicate";
export { restoreScript } from "./restore";
