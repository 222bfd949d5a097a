import { litestreamFile } from "../litestream/keys";
import { literals } from "../terraform/expression";
import { type LitefsClusterConfig, noteOnly } from "./config";
import { importFile, litefsFile } from "./file";
import type { LitefsClusterProps } from "./props";
import { backupScript } from "./scripts/backup";
import { clusterModule } from "./scripts/common";
import { evidenceModule } from "./scripts/evidence";
import { guardScript } from "./scripts/guard";
import { gateScript, importScript, mayStartScript, passedScript } from "./scripts/gate";
import { mountScript, readyScript, startScript, unmountScript } from "./scripts/start";

/** What the ConfigMap of a cluster holds. */
export function clusterFiles(
  props: LitefsClusterProps,
  config: LitefsClusterConfig,
): Record<string, string> {
  const { litestream } = config;
  return {
    "litefs.yml": litefsFile(props, config),
    "import.yml": importFile(config),
    "litestream.yml": litestreamFile(litestream),
    "note.yml": litestreamFile(noteOnly(litestream)),
    ...literals({
      ...(props.exec
        ? {}
        : {
            "start.sh": startScript,
            "mount.sh": mountScript,
            "unmount.sh": unmountScript,
            "ready.sh": readyScript,
          }),
      "gate.sh": gateScript,
      "import.sh": importScript,
      "Cluster.pm": clusterModule,
      "Evidence.pm": evidenceModule,
      "guard.pl": guardScript,
      "passed.pl": passedScript,
      "may-start.sh": mayStartScript,
      "backup.pl": backupScript,
    }),
  };
}
