import { knownDurationProblems, seconds } from "../kubernetes/duration";
import { imageProblems } from "../kubernetes/image";
import { dnsLabelProblems } from "../kubernetes/names";
import { Namespace } from "../kubernetes/namespace";
import { portProblems } from "../kubernetes/network";
import { resourceProblems } from "../kubernetes/quantity";
import { secretPlaceProblems } from "../kubernetes/secret";
import { secretUrlProblems } from "../kubernetes/secret-url";
import { isExpression } from "../terraform/expression";
import {
  flagProblems,
  type Problem,
  shapeProblems,
  unknownKeys,
  within,
} from "../terraform/problem";
import { ALERTS_DEFAULTS } from "./config";
import {
  ALERTS_PROPS,
  type AlertHeartbeat,
  type AlertThrottle,
  HEARTBEAT_KEYS,
  type LogAlertsProps,
  THROTTLE_KEYS,
} from "./props";
import { alertReceiverProblems } from "./receiver";

/** Everything wrong with the declaration of alerts. */
export function alertsProblems(name: string, namespace: string, props: LogAlertsProps): Problem[] {
  const { receivers, throttle, heartbeat, networkPolicy, apiServerPort } = props;
  return [
    ...unknownKeys("", props, ALERTS_PROPS),
    ...dnsLabelProblems("name", name),
    ...namespaceProblems(props.namespace),
    ...receiversProblems(receivers),
    ...throttleProblems(throttle),
    ...(heartbeat === undefined ? [] : within("heartbeat", heartbeatProblems(heartbeat))),
    ...secretProblems(namespace, props),
    ...logFolderProblems(props.logFolder),
    ...(props.linkedFolders ?? []).flatMap((one, index) =>
      folderProblems(`linkedFolders[${index}]`, one),
    ),
    ...folderProblems("stateFolder", props.stateFolder),
    ...flagProblems({ networkPolicy }),
    ...portProblems("apiServerPort", apiServerPort),
    ...resourceProblems("resources", props.resources),
    ...(props.image === undefined ? [] : imageProblems("image", props.image)),
    ...(props.shellImage === undefined ? [] : imageProblems("shellImage", props.shellImage)),
  ];
}

/** Of a namespace that is only named, Kubernetes knows its level. */
function namespaceProblems(namespace: LogAlertsProps["namespace"]): Problem[] {
  if (namespace === undefined) return [];
  if (typeof namespace === "string") return dnsLabelProblems("namespace", namespace);
  if (!(namespace instanceof Namespace))
    return [
      {
        field: "namespace",
        wrong: "is no namespace",
        fix: 'Write a Namespace with podSecurity: "privileged", or a name.',
      },
    ];
  if (namespace.podSecurity === "privileged") return [];
  return [
    {
      field: "namespace",
      wrong: `enforces Pod Security "${namespace.podSecurity}", which allows no folder of the node`,
      fix: 'Give it podSecurity: "privileged", or leave namespace out.',
    },
  ];
}

function receiversProblems(receivers: unknown): Problem[] {
  if (Array.isArray(receivers) && receivers.length > 0)
    return receivers.flatMap((one, index) => alertReceiverProblems(`receivers[${index}]`, one));
  return [
    {
      field: "receivers",
      wrong: missing(receivers),
      fix: 'Write for example [Alert.slack({ url: { secret: Secret.existing("alerts"), key: "slack" } })].',
    },
  ];
}

function missing(receivers: unknown): string {
  if (receivers === undefined) return "is missing";
  return Array.isArray(receivers) ? "names nobody" : "is no list";
}

/** Of Secrets that the pods couldn't read, or that would be made before their namespace. */
function secretProblems(namespace: string, props: LogAlertsProps): Problem[] {
  const { receivers, heartbeat } = props;
  const place = "Make it in the namespace of the alerts.";
  const used = [
    ...(Array.isArray(receivers) ? (receivers as LogAlertsProps["receivers"]) : []).flatMap(
      (one, index) => [
        { field: `receivers[${index}].url`, secret: one?.url?.secret },
        { field: `receivers[${index}].token`, secret: one?.token?.secret },
      ],
    ),
    { field: "heartbeat.url", secret: heartbeat?.url?.secret },
  ];
  return used.flatMap(({ field, secret }) => {
    const elsewhere = secretPlaceProblems(field, secret, namespace, place);
    if (elsewhere.length > 0) return elsewhere;
    if (secret?.namespace === undefined || isExpression(secret.namespace)) return [];
    if (secret.resource === undefined || props.namespace !== undefined) return [];
    return [
      {
        field,
        value: secret.name,
        wrong: "is made by Terraform, which doesn't know that its namespace has to be there first",
        fix: 'Make a Namespace with podSecurity: "privileged", and give it to the Secret and to the alerts.',
      },
    ];
  });
}

function throttleProblems(throttle: AlertThrottle | undefined): Problem[] {
  if (throttle === undefined) return [];
  if (typeof throttle === "object" && throttle !== null)
    return within("throttle", windowProblems(throttle));
  const fix = 'Write for example { window: "30m" }.';
  return [{ field: "throttle", value: throttle, wrong: "is no throttle", fix }];
}

function windowProblems(throttle: AlertThrottle): Problem[] {
  const { burst, window, longestWindow } = throttle;
  const found = [
    ...unknownKeys("", throttle, THROTTLE_KEYS),
    ...(burst === undefined || (Number.isInteger(burst) && burst >= 1 && burst <= 100)
      ? []
      : [
          {
            field: "burst",
            value: isExpression(burst) ? undefined : burst,
            wrong: "is not a number of messages",
            fix: "Write a whole number from 1 to 100, for example 3.",
          },
        ]),
    ...(window === undefined ? [] : knownDurationProblems("window", window, "1s")),
    ...(longestWindow === undefined
      ? []
      : knownDurationProblems("longestWindow", longestWindow, "1s")),
  ];
  const D = ALERTS_DEFAULTS;
  const first = seconds(window ?? D.window) ?? 0;
  const last = seconds(longestWindow ?? D.longestWindow);
  if (found.length > 0 || last === undefined || last >= first) return found;
  return [
    {
      field: longestWindow === undefined ? "window" : "longestWindow",
      value: longestWindow ?? window,
      wrong:
        longestWindow === undefined
          ? `is longer than longestWindow, "${D.longestWindow}"`
          : `is shorter than window, "${window ?? D.window}"`,
      fix: `Write longestWindow: "${longestWindow === undefined ? window : (window ?? D.window)}" or more.`,
    },
  ];
}

function heartbeatProblems(heartbeat: AlertHeartbeat): Problem[] {
  return [
    ...unknownKeys("", heartbeat, HEARTBEAT_KEYS),
    ...secretUrlProblems(heartbeat),
    ...(heartbeat.every === undefined ? [] : knownDurationProblems("every", heartbeat.every, "1m")),
  ];
}

/** It is part of the tags by which Fluent Bit knows pods. */
function logFolderProblems(value: unknown): Problem[] {
  if (!isExpression(value)) return folderProblems("logFolder", value);
  return [
    {
      field: "logFolder",
      wrong: "is known only at apply, but decides what is synthesized",
      fix: 'Write the path itself, for example "/var/log".',
    },
  ];
}

function folderProblems(field: string, value: unknown): Problem[] {
  if (value === undefined) return [];
  return shapeProblems(field, value, /^(\/[A-Za-z0-9._-]+)+$/, [
    "is not an absolute path of plain names",
    'Write for example "/var/log".',
  ]);
}
