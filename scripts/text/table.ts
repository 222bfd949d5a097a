/** Rows as columns, each as wide as its widest text. `paint` gets the padded text of a cell. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string {
  const widths = headings.map((heading, column) =>
    Math.max(...[heading, ...rows.map((row) => row[column] ?? "")].map(({ length }) => length)),
  );
  const line = (cells: readonly string[], row: number) =>
    headings
      .map((_, column) => {
        const text = cells[column] ?? "";
        const padded = column === headings.length - 1 ? text : text.padEnd(widths[column] ?? 0);
        return row < 0 ? padded : paint(padded, row, column);
      })
      .join("   ")
      .trimEnd();
  return [line(headings, -1), ...rows.map((row, index) => line(row, index))].join("\n");
}
