import { App } from "cdktf";
import { synthesize } from "./src";
import { HomeServer } from "./stacks/home-server";
import { HomeServerServices } from "./stacks/home-server-services";
import { Litefs } from "./stacks/litefs";
import { LitestreamGuide } from "./stacks/litestream-guide";
import { LitestreamNfs } from "./stacks/litestream-nfs";
import { Quickstart } from "./stacks/quickstart";
import { Rqlite } from "./stacks/rqlite";

const app = new App();

new Quickstart(app, "quickstart");
new LitestreamGuide(app, "litestream-guide");
new LitestreamNfs(app, "litestream-nfs");
const homeServer = new HomeServer(app, "home-server");
new HomeServerServices(app, "home-server-services", homeServer.apps);
new Litefs(app, "litefs");
new Rqlite(app, "rqlite");

synthesize(app, process.argv.slice(2));
