/** Numbers by database and name (without "litestream_"), of Litestream's metrics. */
export type Metrics = ReadonlyMap<string, Readonly<Record<string, number>>>;

const LINE = /^litestream_(\w+)\{db="((?:[^"\\]|\\.)*)"(?:,name="[^"]*")?\} (\S+)/;

/** The same lines in 0.3 and 0.5; others have more labels, or a database's name instead of its path. */
export function readMetrics(text: string): Metrics {
  const found = new Map<string, Record<string, number>>();
  for (const line of text.split("\n")) {
    const [, name, escaped, value] = LINE.exec(line) ?? [];
    if (name === undefined || escaped === undefined) continue;
    const database = escaped.replace(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
    found.set(database, { ...found.get(database), [name]: Number(value) });
  }
  return found;
}

/** 0.3 counts WALs, not transactions. */
export function isVersion03(metrics: Metrics): boolean {
  return [...metrics.values()].some((one) => one.shadow_wal_index !== undefined);
}
