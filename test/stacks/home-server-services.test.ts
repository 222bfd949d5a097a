import { HomeServerServices } from "../../stacks/home-server-services";
import { failure, newApp, synthesized } from "../support/synth";
import { homeApp, homeApps } from "../support/home-apps";
import { Replica, SqliteStack } from "../../src";

/** Without what tells where in the construct tree a resource stands. */
function reviewed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviewed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "//");
  return Object.fromEntries(entries.map(([key, item]) => [key, reviewed(item)]));
}

test("stack home-server-services reads like this", () => {
  const app = newApp();
  new HomeServerServices(app, "home-server-services", homeApps(app));
  expect(reviewed(synthesized(app, "home-server-services"))).toMatchSnapshot();
});

test("refuses an app whose backup is in no bucket", () => {
  const app = newApp();
  const replica = Replica.file({ claim: { size: "1Gi" } });
  const apps = [homeApp(new SqliteStack(app, "home"), "notes", { replica })];
  new HomeServerServices(app, "services", apps);
  expect(failure(app)).toContain(
    'services/notes\n  path: is missing. Write the path of the app\'s replica, for example "notes" or "home/notes".',
  );
});
