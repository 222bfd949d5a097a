import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HomeServer } from "../stacks/home-server";
import { HomeServerServices } from "../stacks/home-server-services";
import { newApp, synthesized } from "./support/synth";

const docs = join(__dirname, "../docs");
const guide = readFileSync(join(docs, "services.md"), "utf8");
const app = newApp();
const { apps } = new HomeServer(app, "home-server");
new HomeServerServices(app, "home-server-services", apps);
const stack = (id: string) => synthesized(app, id) as Record<string, any>;
const services = stack("home-server-services");
const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, one]) => one);

test("the variables of the guide are those of the stack", () => {
  const [table = ""] = /\| variable [^]*?\n\n/.exec(guide) ?? [];
  const first = table.split("\n").map((line) => line.split("|")[1]);
  expect(names(first.join(), /`(\w+)`/g).sort()).toEqual(Object.keys(services.variable).sort());
});

test("each output is taken over by the guide, and is a variable of home-server", () => {
  const taken = names(guide, /for name in (.*?); do/g).flatMap((list) => list?.split(" "));
  expect(taken.sort()).toEqual(Object.keys(services.output).sort());
  expect(Object.keys(stack("home-server").variable)).toEqual(expect.arrayContaining(taken));
});

test("each app of the stack gets a key, and is stopped before it gets another", () => {
  for (const { app } of apps) {
    expect(guide).toContain(`\\"${app.name}\\":\\"$(key)\\"`);
    expect(guide).toContain(`pod/${app.name}-0`);
  }
});

test("the files it links to exist", () => {
  for (const path of names(guide, /\]\(((?!https?:)[^)#]+)/g))
    expect(existsSync(join(docs, path ?? ""))).toBe(true);
});
