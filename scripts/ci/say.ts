/** A line that a run's summary page shows too where GitHub runs it; on standard error, which no program reads. */
export function notice(text: string): void {
  console.error(process.env.GITHUB_ACTIONS === "true" ? `::notice::${text}` : text);
}

/** Has GitHub's log show a value as `***` from here on. GitLab masks by the variable's own setting. */
export function mask(values: readonly string[]): void {
  if (process.env.GITHUB_ACTIONS !== "true") return;
  for (const value of values)
    console.log(`::add-mask::${value.replaceAll("%", "%25").replaceAll("\r", "%0D")}`);
}
