import { HomeServerServices } from "../../stacks/home-server-services";
import { failure, newApp } from "../support/synth";
import { homeApp } from "../support/home-apps";
import { Replica, SqliteStack } from "../../src";

test("refuses an app whose backup is in no bucket", () => {
  const app = newApp();
  const replica = Replica.file({ claim: { size: "1Gi" } });
  const apps = [homeApp(new SqliteStack(app, "home"), "notes", { replica })];
  new HomeServerServices(app, "services", apps);
  expect(failure(app)).toContain(
    'services/notes\n  path: is missing. Write the path of the app\'s replica, for example "notes" or "home/notes".',
  );
});
