import type { V1ConfigMap, V1StatefulSet } from "@kubernetes/client-node";
import type { LitestreamAppProps } from "../../../src";
import { type DeployedApp, deployedApp } from "../../../scripts/restore/deployed";
import { makePlan, type Plan } from "../../../scripts/restore/plan";
import { objectsOf } from "../../support/synth";

/** An app as the cluster would give it. */
export function deployed(props: Partial<LitestreamAppProps> = {}): DeployedApp {
  const { StatefulSet, ConfigMap } = objectsOf(props);
  return deployedApp(StatefulSet as V1StatefulSet, ConfigMap as V1ConfigMap);
}

/** Without a shell in Litestream's image. */
export const HARDENED = {
  hardened: true,
  whenVolumeIsOlder: "keep",
  whenNoBackup: "refuse",
} as const;

export const AT = new Date("2026-01-31T12:00:00.123Z");
export const NEWEST = { flag: "newest", value: "" } as const;

export function planned(
  props: Partial<LitestreamAppProps> = {},
  databases: readonly string[] = [],
): { app: DeployedApp; plan: Plan } {
  const app = deployed(props);
  return { app, plan: makePlan(app, { target: NEWEST, databases }, AT) };
}
