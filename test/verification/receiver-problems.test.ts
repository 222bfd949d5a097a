import { Secret, variable } from "../../src";
import { newApp, ownStack } from "../support/synth";
import { problemsOf, token, url } from "../support/verification";

const expression = variable(ownStack(newApp()), "any", { type: "string" }).stringValue;

/** What somebody writes wrong who is to be told, as the first of the receivers. */
const RECEIVERS: [string, unknown, string][] = [
  [
    "a URL alone",
    "https://hooks.example.com",
    ': "https://hooks.example.com" is no receiver. Write Report.healthchecks, Report.slack, Report.webhook, Report.ntfy, Report.gotify with the URL\'s Secret.',
  ],
  [
    "a receiver of another kind",
    { kind: "mail", url },
    ": is no receiver. Write Report.healthchecks, Report.slack, Report.webhook, Report.ntfy, Report.gotify with the URL's Secret.",
  ],
  [
    "a URL as plain text",
    { kind: "ntfy", url: "https://ntfy.sh/secret" },
    '.url: is written out, and whoever has it can report in your name. Put it into a Secret and write { secret: Secret.existing("name"), key: "url" }.',
  ],
  [
    "a URL from a variable",
    { kind: "ntfy", url: expression },
    '.url: is written out, and whoever has it can report in your name. Put it into a Secret and write { secret: Secret.existing("name"), key: "url" }.',
  ],
  [
    "no URL",
    { kind: "slack" },
    '.url: is missing. Put it into a Secret and write { secret: Secret.existing("name"), key: "url" }.',
  ],
  [
    "a URL without its key",
    { kind: "slack", url: { secret: Secret.existing("receivers") } },
    ".url.key: names no key. Name the Secret's key.",
  ],
  [
    "a Secret as text",
    { kind: "slack", url: { secret: "receivers", key: "url" } },
    '.url.secret: "receivers" names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "gotify without a token",
    { kind: "gotify", url },
    '.token: is missing. Write { secret: Secret.existing("name"), key: "token" }.',
  ],
  [
    "a token as plain text",
    { kind: "webhook", url, token: "Bearer abc" },
    '.token: is a secret, and would stand in the ConfigMap. Write { secret: Secret.existing("name"), key: "key" }.',
  ],
  [
    "a token that nobody reads",
    { kind: "slack", url, token },
    ".token: is unknown. Take one of kind, url, when, port, namespace.",
  ],
  [
    "healthchecks told of failures only",
    { kind: "healthchecks", url, when: "failure" },
    '.when: "failure" is not possible: a check that hears nothing takes the proof for missing. Leave it out.',
  ],
  [
    "another time",
    { kind: "slack", url, when: "never" },
    '.when: "never" is unknown. Write "always" or "failure".',
  ],
  [
    "a time known at apply",
    { kind: "slack", url, when: expression },
    '.when: is known only at apply, but decides what is synthesized. Write "always" or "failure".',
  ],
  [
    "a port that is none",
    { kind: "slack", url, port: 65_536 },
    ".port: 65536 is not a port. Write a number from 1 to 65535.",
  ],
  [
    "a port as text",
    { kind: "slack", url, port: "443" },
    '.port: "443" is not a port. Write a number from 1 to 65535.',
  ],
  [
    "a namespace that is none",
    { kind: "slack", url, namespace: "my_ns" },
    '.namespace: "my_ns" is not a DNS label. Write at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "my-ns".',
  ],
  [
    "a mistyped option",
    { kind: "gotify", url, token, ports: 443 },
    ".ports: is unknown. Take one of kind, url, when, port, namespace, token.",
  ],
];

test.each(RECEIVERS)("a receiver: %s", (_, receiver, line) => {
  expect(problemsOf({ reports: [receiver] })).toEqual([`own/verification: reports[0]${line}`]);
});
