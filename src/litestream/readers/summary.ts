import { isExpression } from "../../terraform/expression";
import { type LitestreamReadersConfig, READERS_DEFAULTS } from "./config";
import type { LitestreamReadersProps } from "./props";

/** What a person wants to know of some readers before deploying them: a heading and a text each. */
export function readersSummary(
  { of, maxLag = READERS_DEFAULTS.maxLag, onNodeOfApp }: LitestreamReadersProps,
  config: LitestreamReadersConfig,
): [string, string][] {
  const where = onNodeOfApp ? ", on the app's node" : "";
  return [
    ["image", shown(config.image)],
    ["read", `${config.databases.map(({ path }) => shown(path)).join(", ")} of ${of.name}`],
    ["pods", `${shown(config.replicas)}${where}; not ready when more than ${maxLag} behind`],
    ["lie on", `the node, gone with the pod; ${shown(config.sizeLimit)} twice at most`],
  ];
}

function shown(value: string | number | undefined): string {
  return isExpression(value) ? "(known at apply)" : String(value ?? "");
}
