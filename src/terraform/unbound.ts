import {
  TerraformDataSource,
  type TerraformMetaArguments,
  TerraformProvider,
  TerraformResource,
} from "cdktf";
import type { Construct } from "constructs";

/** A Terraform provider without bindings for CDKTF. */
export interface UnboundProviderSource {
  /** As the registry knows it, for example "aminueza/minio". */
  readonly source: string;
  /** Versions that will do, for example "~> 3.40". */
  readonly version: string;
}

/** Arguments by the names that the provider's documentation has. Undefined ones are left out. */
export type Arguments = Readonly<Record<string, unknown>>;

/**
 * A provider that CDKTF has no bindings for. Bindings of a whole provider weigh megabytes; what is used of one fits
 * into a few lines, which extend the classes here and give their arguments types.
 */
export class UnboundProvider extends TerraformProvider {
  constructor(
    scope: Construct,
    id: string,
    { source, version }: UnboundProviderSource,
    private readonly args: Arguments,
    private readonly named?: string,
  ) {
    const providerName = source.split("/").at(-1) ?? source;
    super(scope, id, {
      terraformResourceType: providerName,
      terraformProviderSource: source,
      terraformGeneratorMetadata: { providerName, providerVersionConstraint: version },
    });
  }

  override get alias(): string | undefined {
    return this.named;
  }

  protected override synthesizeAttributes() {
    return { ...this.args, alias: this.named };
  }
}

/** A resource of such a provider. */
export class UnboundResource extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    type: string,
    private readonly args: Arguments,
    meta: TerraformMetaArguments,
  ) {
    super(scope, id, { terraformResourceType: type, ...meta });
  }

  protected override synthesizeAttributes() {
    return { ...this.args };
  }
}

/** A data source of such a provider. */
export class UnboundDataSource extends TerraformDataSource {
  constructor(
    scope: Construct,
    id: string,
    type: string,
    private readonly args: Arguments,
    meta: TerraformMetaArguments,
  ) {
    super(scope, id, { terraformResourceType: type, ...meta });
  }

  protected override synthesizeAttributes() {
    return { ...this.args };
  }
}
