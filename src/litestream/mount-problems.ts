import { storageProblems } from "../kubernetes/storage";
import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";
import { holds, type LitestreamAppConfig } from "./app-config";
import { database, databasesProblems } from "./database";
import { isDirectory } from "./directory";
import { OWN_FOLDERS } from "./folders";
import { volumeName } from "./names";
import type { LitestreamAppProps } from "./props";

/** Problems of where an app's volumes are mounted, and of databases that lie on none of them. */
export function mountProblems(
  props: LitestreamAppProps,
  { mountPath, databases, directories }: LitestreamAppConfig,
): Problem[] {
  const found: Problem[] = [];
  const volumes = props.volumes ?? [];
  const mounts = [
    ...(mountPath === undefined ? [] : [{ field: "mountPath", value: mountPath }]),
    ...volumes.map((volume, index) => ({
      field: `volumes[${index}].mountPath`,
      value: volume.mountPath,
    })),
  ];
  mounts.forEach(({ field, value }, index) => {
    if (isExpression(value)) return;
    if (typeof value !== "string" || !/^(\/[^/]+)+$/.test(value))
      found.push({
        field,
        value,
        wrong: 'is not the absolute path of a folder below "/"',
        fix: 'Write for example "/data".',
      });
    else if (OWN_FOLDERS.some((own) => own === value || holds(own, value) || holds(value, own)))
      found.push({
        field,
        value,
        wrong: `meets a folder of Litestream's containers (${OWN_FOLDERS.join(", ")})`,
        fix: 'Mount it elsewhere, for example at "/data".',
      });
    else if (mounts.findIndex((mount) => mount.value === value) !== index)
      found.push({
        field,
        value,
        wrong: "is mounted twice",
        fix: "Give each volume a folder of its own.",
      });
  });
  const names = volumes.map(({ mountPath: at }) => volumeName(String(at)));
  volumes.forEach((volume, index) => {
    found.push(...storageProblems(`volumes[${index}].storage`, volume.storage));
    const field = `volumes[${index}].mountPath`;
    if (isExpression(volume.mountPath))
      found.push({
        field,
        wrong: "is known only at apply, but the volume is named after it",
        fix: 'Write the path itself, for example "/uploads".',
      });
    else if (
      volumes.findIndex(
        (one, at) => one.mountPath !== volume.mountPath && names[at] === names[index],
      ) >= 0
    )
      found.push({
        field,
        value: volume.mountPath,
        wrong: `gives the volume the name ${names[index]}, as another one does`,
        fix: "Mount one of the two elsewhere.",
      });
  });
  if (
    mountPath === undefined &&
    databases.length + directories.length > 0 &&
    databasesProblems(props.databases).length === 0
  )
    found.push({
      field: "mountPath",
      wrong: databases.some(({ path }) => isExpression(path))
        ? "can't be derived from paths that are known only at apply"
        : "can't be derived: the databases have no folder in common",
      fix: "Write the folder that holds them all, or give the others a volume of their own in volumes.",
    });
  const declared = Array.isArray(props.databases) ? props.databases : [];
  declared.forEach((one, index) => {
    const path = isDirectory(one) ? one.dir : database(one).path;
    const known = [path, ...mounts.map(({ value }) => value)].every(
      (value) => !isExpression(value),
    );
    if (mountPath === undefined || !known || !String(path).startsWith("/")) return;
    if (mounts.some(({ value }) => holds(value, isDirectory(one) ? `${path}/` : path))) return;
    found.push({
      field: `databases[${index}]`,
      value: path,
      wrong: `lies on no volume of the app (${mounts.map(({ value }) => value).join(", ")}), and would be gone with the container`,
      fix: "Correct the path, or mountPath, or add its folder to volumes.",
    });
  });
  return found;
}
