import { execFileSync } from "node:child_process";

/** `describe`, or `describe.skip` with the reason in its name where the cluster's nodes don't have an image. */
export const withImage = (image: string, name: string, body: () => void) =>
  hasImage(image)
    ? describe(name, body)
    : describe.skip(`${name} (skipped: no node has the image ${image})`, body);

/** Whether a node has an image, which no registry that the tests reach may carry. */
export function hasImage(image: string): boolean {
  const query = "jsonpath={.items[*].status.images[*].names[*]}";
  const names = execFileSync("kubectl", ["get", "nodes", "-o", query], { encoding: "utf8" });
  return names.split(" ").some((name) => name === image || name.endsWith(`/${image}`));
}
