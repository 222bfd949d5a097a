import { TerraformStack, TerraformVariable, type TerraformVariableConfig } from "cdktf";
import type { Construct } from "constructs";

export interface VariableProps extends TerraformVariableConfig {
  /**
   * The value is in neither state nor plan; it can feed write-only arguments only, and `terraform
   * apply` of a saved plan needs it again. Terraform 1.10 and later.
   *
   * @default false
   * @see https://developer.hashicorp.com/terraform/language/values/variables#exclude-values-from-state
   */
  readonly ephemeral?: boolean;
}

/**
 * A Terraform variable of the stack of `scope`, named exactly `name`. Asking twice gives the same
 * variable.
 *
 * @throws Error when it was declared with other properties: one that says `ephemeral` must not get a
 *   variable that isn't.
 *
 * Works around two gaps of CDKTF 0.21: `default: null` crashes and `ephemeral` is no prop.
 */
export function variable(scope: Construct, name: string, props: VariableProps): TerraformVariable {
  const stack = TerraformStack.of(scope);
  const declaration = JSON.stringify(props, Object.keys(props).sort());
  const existing = stack.node.tryFindChild(name);
  if (existing instanceof TerraformVariable) {
    if (declarations.get(existing) === declaration) return existing;
    throw new Error(
      `${stack.node.path}: variable "${name}" is declared already, with other properties.`,
    );
  }

  const { ephemeral, default: value, ...config } = props;
  const made = new TerraformVariable(stack, name, {
    ...config,
    ...(value === null ? {} : { default: value }),
  });
  made.overrideLogicalId(name);
  if (value === null) made.addOverride("default", null);
  if (ephemeral) made.addOverride("ephemeral", true);
  declarations.set(made, declaration);
  return made;
}

/** What each variable was declared with. */
const declarations = new WeakMap<TerraformVariable, string>();
