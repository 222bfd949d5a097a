import { App } from "cdktf";
import { LitestreamGuide } from "./stacks/litestream-guide";
import { Quickstart } from "./stacks/quickstart";

const app = new App();

new Quickstart(app, "quickstart");
new LitestreamGuide(app, "litestream-guide");

app.synth();
