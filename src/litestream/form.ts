import { DEFAULTS } from "./defaults";
import type { LitestreamAppProps } from "./props";

type Form = Pick<LitestreamAppProps, "version" | "hardened" | "sidecar" | "litestreamImage">;

/** Whether the rendered files are for Litestream 0.3.13. */
export function isVersion03({ version = DEFAULTS.version }: Form): boolean {
  return version === "0.3";
}

/** Whether no script can run in Litestream's image: no shell in the hardened one, no sqlite3 in that of 0.3. */
export function isPlain(form: Form): boolean {
  return form.hardened === true || isVersion03(form);
}

/** Whether Litestream is an ordinary container beside the app. */
export function isClassic({ sidecar = DEFAULTS.sidecar }: Form): boolean {
  return sidecar === "classic";
}

export function litestreamImage(form: Form): string {
  if (form.litestreamImage !== undefined) return form.litestreamImage;
  if (isVersion03(form)) return DEFAULTS.litestream03Image;
  return form.hardened === true ? DEFAULTS.hardenedImage : DEFAULTS.litestreamImage;
}

/** The app's Litestream in an image with a shell, sqlite3 and Perl: never the hardened one. */
export function debianImage({ litestreamImage, hardened }: Form): string {
  return hardened ? DEFAULTS.litestreamImage : (litestreamImage ?? DEFAULTS.litestreamImage);
}
