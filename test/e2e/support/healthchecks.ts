/** A healthchecks server whose project has an e-mail integration, as each new one has. */
export const HEALTHCHECKS = {
  url: process.env.E2E_HEALTHCHECKS_URL,
  apiKey: process.env.E2E_HEALTHCHECKS_API_KEY ?? "",
};

export const apiUrl = () => `${HEALTHCHECKS.url}/api/v1`;

/** The project's checks, by name. */
export async function checksByName(): Promise<Record<string, any>> {
  const response = await fetch(`${apiUrl()}/checks/`, {
    headers: { "X-Api-Key": HEALTHCHECKS.apiKey },
  });
  const { checks } = (await response.json()) as { checks: { name: string }[] };
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}
