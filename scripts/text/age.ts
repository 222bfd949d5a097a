const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** A span as a person says it: its largest unit, rounded down; "90 s" and "36 h" stay exact enough. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [unit, size] = UNITS.find(([, length]) => seconds >= 2 * length) ?? (["s", 1] as const);
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** "5 min ago"; a clock that is a little behind the cluster's sees nothing in the future. */
export function ago(time: Date, now: Date): string {
  return `${span(now.getTime() - time.getTime())} ago`;
}

/** "in 3 d" */
export function ahead(time: Date, now: Date): string {
  return `in ${span(time.getTime() - now.getTime())}`;
}
