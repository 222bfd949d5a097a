import type { BackupSource } from "../kubernetes/backup";
import { asText, literal, literals } from "../terraform/expression";
import { expected } from "./assertion";
import type { BackupVerificationConfig } from "./config";
import { jsonModule } from "./scripts/json";
import { outcomeModule } from "./scripts/outcome";
import { proveScript } from "./scripts/prove";
import { reportScript } from "./scripts/report";
import { runModule } from "./scripts/run";

/** What the ConfigMap of a verification holds: its program, the source's, and the assertions. */
export function verificationFiles(
  { assertions }: BackupVerificationConfig,
  source: BackupSource,
): Record<string, string> {
  return {
    ...literals({
      "prove.pl": proveScript,
      "Json.pm": jsonModule,
      "Run.pm": runModule,
      "Outcome.pm": outcomeModule,
      "report.sh": reportScript,
    }),
    ...source.files,
    ...Object.fromEntries(
      assertions.flatMap((one, index) => [
        [`assertion-${index}.sql`, literal(one.sql)],
        [`assertion-${index}.expected`, literal(asText(expected(one)))],
      ]),
    ),
  };
}
