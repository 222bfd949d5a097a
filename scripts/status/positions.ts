/** Where a replica ends. */
export interface ReplicaEnd {
  /** Undefined where there are none to count: 0.3. */
  readonly transaction?: number;
  /** When its newest part arrived; undefined when it holds nothing. */
  readonly at?: Date;
}

interface LtxFile {
  readonly max_txid: string;
  readonly timestamp: string;
}

/**
 * Of what `litestream ltx -level all -json` prints. The newest transaction is in several files once it has been compacted:
 * the earliest of them is its arrival.
 */
export function endOfLtx(json: string): ReplicaEnd {
  const files = JSON.parse(json) as LtxFile[];
  const transaction = Math.max(0, ...files.map(({ max_txid }) => parseInt(max_txid, 16)));
  const times = files
    .filter(({ max_txid }) => parseInt(max_txid, 16) === transaction)
    .map(({ timestamp }) => Date.parse(timestamp));
  return { transaction, at: times.length > 0 ? new Date(Math.min(...times)) : undefined };
}

/** Of what 0.3's `litestream wal` prints: a table whose last column is the time. */
export function endOfWals(text: string): ReplicaEnd {
  const times = text
    .split("\n")
    .slice(1)
    .map((line) => Date.parse(line.trim().split(/\s+/).at(-1) ?? ""))
    .filter((time) => !Number.isNaN(time));
  return { at: times.length > 0 ? new Date(times.reduce((a, b) => Math.max(a, b))) : undefined };
}

/** What Litestream complained of, without its log's decoration. */
export function complaint(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const line =
    lines.findLast((one) => /^Error:|ERROR/.test(one)) ?? lines.at(-1) ?? "it said nothing";
  const told = /error="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line.replace(/^Error: /, "");
  return told.length > 300 ? `${told.slice(0, 300)}…` : told;
}
