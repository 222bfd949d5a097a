import { CONTAINER } from "../kubernetes/names";
import { literal, yamlText } from "../terraform/expression";
import type { LogAlertsConfig } from "./config";
import { alertsScript } from "./lua/alerts";
import { jsonModule } from "./lua/json";
import { messageModule } from "./lua/message";
import { ownModule } from "./lua/own";
import { problemModule } from "./lua/problem";
import { receiversModule } from "./lua/receivers";
import { textsModule } from "./lua/texts";
import { throttleModule } from "./lua/throttle";
import { pipeline } from "./pipeline";
import { endpointsScript } from "./scripts/endpoints";

/** The ConfigMap's content: Fluent Bit's configuration and the programs. */
export function alertFiles(config: LogAlertsConfig): Record<string, string> {
  return {
    "fluent-bit.yaml": yamlText(pipeline(config)),
    "settings.lua": literal(settings(config)),
    "alerts.lua": literal(alertsScript),
    "json.lua": literal(jsonModule),
    "message.lua": literal(messageModule),
    "own.lua": literal(ownModule),
    "problem.lua": literal(problemModule),
    "receivers.lua": literal(receiversModule),
    "texts.lua": literal(textsModule),
    "throttle.lua": literal(throttleModule),
    "endpoints.sh": literal(endpointsScript),
  };
}

/** What the filter has to know; what Kubernetes or Terraform alone know comes from the environment. */
function settings({ receivers, throttle, heartbeat }: LogAlertsConfig): string {
  const { burst, windowSeconds, longestWindowSeconds } = throttle;
  return `return {
  throttle = { burst = ${burst}, window = ${windowSeconds}, longest = ${longestWindowSeconds} },
  every = ${heartbeat?.everySeconds ?? "nil"},
  cluster = os.getenv("CLUSTER") or "",
  pod = os.getenv("POD_NAME"),
  namespace = os.getenv("POD_NAMESPACE"),
  container = "${CONTAINER.alerts}",
  receivers = {
${receivers
  .map(
    ({ name, kind, minimumLevel }) =>
      `    { name = "${name}", kind = "${kind}", minimum = "${minimumLevel}" },\n`,
  )
  .join("")}  },
}
`;
}
