import { slug } from "../kubernetes/names";

/** The ConfigMap with litestream.yml and the scripts. */
export function configMapName(app: string): string {
  return `${app}-litestream`;
}

/** One of the app's further volumes. */
export function volumeName(mountPath: string): string {
  return `volume-${slug(mountPath)}`.slice(0, 63).replace(/-+$/, "");
}

/** The claim that the StatefulSet makes for a volume of its only pod. */
export function claimName(app: string, volume: string): string {
  return `${volume}-${app}-0`;
}
