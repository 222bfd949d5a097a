import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { check } from "../terraform/checks";
import { literal } from "../terraform/expression";
import { type Keys, unknownKeys } from "../terraform/problem";
import { UnboundDataSource, UnboundProvider, UnboundResource } from "../terraform/unbound";
import { givenProblems } from "./problems";

/** 2.3.0 is the first to keep a check's slug, which the ones before would have emptied. */
const HEALTHCHECKS = { source: "kristofferahl/healthchecksio", version: "~> 2.3" };

export interface HealthchecksProviderProps {
  /** A read-write key of the project. Take it from an ephemeral variable. */
  readonly apiKey: string;
  /**
   * For healthchecks on a server of one's own: its address and "/api/v1".
   *
   * @default "https://healthchecks.io/api/v1"
   */
  readonly apiUrl?: string;
  /** For a second provider in one stack. @default none */
  readonly alias?: string;
}

const PROVIDER_PROPS = {
  apiKey: true,
  apiUrl: true,
  alias: true,
} satisfies Keys<HealthchecksProviderProps>;

/** @see https://registry.terraform.io/providers/kristofferahl/healthchecksio/latest/docs */
export class HealthchecksProvider extends UnboundProvider {
  constructor(scope: Construct, id: string, props: HealthchecksProviderProps) {
    const { apiKey, apiUrl = "https://healthchecks.io/api/v1", alias } = props;
    const args = { api_key: apiKey && literal(apiKey), api_url: literal(apiUrl) };
    super(scope, id, HEALTHCHECKS, args, alias);
    check(this, () => [...unknownKeys("", props, PROVIDER_PROPS), ...givenProblems({ apiKey })]);
  }
}

export interface HealthchecksCheckProps extends TerraformMetaArguments {
  readonly name: string;
  readonly desc?: string;
  /** A cron line. */
  readonly schedule: string;
  readonly timezone: string;
  /** Seconds. */
  readonly grace: number;
  /** Ids of channels. */
  readonly channels?: readonly string[];
  readonly tags?: readonly string[];
  /** "POST" has other requests ignored, such as a person's who opens the address. */
  readonly methods?: "" | "POST";
}

/** @see https://registry.terraform.io/providers/kristofferahl/healthchecksio/latest/docs/resources/check */
export class HealthchecksCheck extends UnboundResource {
  constructor(scope: Construct, id: string, props: HealthchecksCheckProps) {
    const { name, desc, schedule, timezone, grace, channels, tags, methods, ...meta } = props;
    const args = {
      name: literal(name),
      desc: desc && literal(desc),
      schedule: literal(schedule),
      timezone: literal(timezone),
      grace,
      channels: channels?.map(literal),
      tags: tags?.map(literal),
      methods,
    };
    super(scope, id, "healthchecksio_check", args, meta);
  }

  /** Where pings go. Whoever knows it can keep the check silent. */
  get pingUrl(): string {
    return this.getStringAttribute("ping_url");
  }
}

export interface HealthchecksChannelProps extends TerraformMetaArguments {
  /** As healthchecks' API calls it: "email", "ntfy", "gotify", "slack", … */
  readonly kind: string;
  /** @default the first of its kind */
  readonly name?: string;
}

/** What a plan fails with where the project has no such integration: the provider gives "-" as its id. */
const NO_SUCH_CHANNEL =
  "The project has no integration of this kind and name. Make it on the project's page Integrations; its name is the one given there.";

/**
 * An integration of the project, made by hand on its page, through which its checks tell.
 *
 * @see https://registry.terraform.io/providers/kristofferahl/healthchecksio/latest/docs/data-sources/channel
 */
export class HealthchecksChannel extends UnboundDataSource {
  /** Its id, as a check takes it. */
  readonly channelId: string;

  constructor(
    scope: Construct,
    id: string,
    { kind, name, lifecycle, ...meta }: HealthchecksChannelProps,
  ) {
    const found = { condition: '${can(regex("^.{36}$", self.id))}', errorMessage: NO_SUCH_CHANNEL };
    super(
      scope,
      id,
      "healthchecksio_channel",
      { kind: kind && literal(kind), name: name && literal(name) },
      {
        ...meta,
        lifecycle: { ...lifecycle, postcondition: [...(lifecycle?.postcondition ?? []), found] },
      },
    );
    this.channelId = this.getStringAttribute("id");
    check(this, () => givenProblems({ kind }));
  }
}
