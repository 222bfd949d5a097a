import { App } from "cdktf";
import { synthesize } from "./src";
import { HomeServer } from "./stacks/home-server";
import { LitestreamGuide } from "./stacks/litestream-guide";
import { LitestreamNfs } from "./stacks/litestream-nfs";
import { Quickstart } from "./stacks/quickstart";

const app = new App();

new Quickstart(app, "quickstart");
new LitestreamGuide(app, "litestream-guide");
new LitestreamNfs(app, "litestream-nfs");
new HomeServer(app, "home-server");

synthesize(app, process.argv.slice(2));
