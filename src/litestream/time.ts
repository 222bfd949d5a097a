const TIME =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Whether it is a time of RFC 3339, with its zone. JavaScript by itself takes 30 February for 2 March. */
export function isTime(text: unknown): boolean {
  const shape = typeof text === "string" ? TIME.exec(text) : null;
  if (!shape) return false;
  const [year, month, day] = shape.slice(1, 4).map(Number) as [number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
