import { Alert, LogAlerts, type LogAlertsProps, type Manifest, manifests, Secret } from "../../src";
import { newApp, ownStack, synthesized } from "./synth";
import { reported } from "./verification";

/** Keys of a Secret whose name stands nowhere else. */
export const url = { secret: Secret.existing("postbox"), key: "postbox-url" };
export const token = { secret: Secret.existing("postbox"), key: "postbox-token" };

/** Alerts without anything wrong; the tests change one thing at a time. */
export function alerting(props: object = {}) {
  const tree = newApp();
  const stack = ownStack(tree);
  const all = { receivers: [Alert.slack({ url })], ...props } as LogAlertsProps;
  return { tree, stack, alerts: new LogAlerts(stack, "alerts", all) };
}

/** The Kubernetes objects of alerts with some props changed, by kind. */
export function alertsOf(
  props: object = {},
  variables: Record<string, string> = {},
): Record<string, any> {
  const objects: Manifest[] = manifests(synthesized(alerting(props).tree), variables);
  return Object.fromEntries(objects.map((object) => [object.kind, object]));
}

/** What a synthesis says of alerts with some props changed. */
export function problemsOf(props: object): string[] {
  return reported(alerting(props).tree);
}

/** The pods of alerts. */
export const podOf = ({ DaemonSet }: Record<string, any>) => DaemonSet.spec.template.spec;
