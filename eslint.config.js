const js = require("@eslint/js");
const tseslint = require("typescript-eslint");
const importX = require("eslint-plugin-import-x");

/** A room of src/ and the only rooms it may import from (docs/architecture.md). */
const rooms = {
  terraform: [],
  kubernetes: ["terraform"],
  litestream: ["kubernetes", "terraform"],
  litefs: ["litestream", "kubernetes", "terraform"],
  rqlite: ["kubernetes", "terraform"],
  verification: ["kubernetes", "terraform"],
  alerting: ["kubernetes", "terraform"],
  services: ["kubernetes", "terraform"],
};

const zones = Object.entries(rooms).map(([room, allowed]) => ({
  target: `./src/${room}`,
  from: "./src",
  except: [room, ...allowed].map((name) => `./${name}`),
  message: `src/${room} may import only from ${[room, ...allowed].join(", ")}.`,
}));

module.exports = tseslint.config(
  { ignores: ["node_modules", "dist", "cdktf.out", "plans", "coverage"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    plugins: { "import-x": importX },
    settings: {
      ...importX.flatConfigs.typescript.settings,
      "import-x/resolver-next": [importX.createNodeResolver({ extensions: [".ts", ".js"] })],
    },
    rules: {
      "@typescript-eslint/no-unused-vars": [
        "error",
        { varsIgnorePattern: "^_", argsIgnorePattern: "^_" },
      ],
      "import-x/no-cycle": "error",
      "import-x/no-restricted-paths": ["error", { zones }],
      "no-restricted-imports": [
        "error",
        {
          paths: [
            {
              name: "@cdktf/provider-kubernetes",
              message:
                "Import a single binding, for example @cdktf/provider-kubernetes/lib/service-v1: the root costs a second and 180 MB.",
            },
          ],
        },
      ],
    },
  },
  {
    // What a test reads of synthesized JSON has no type.
    files: ["test/**"],
    rules: { "@typescript-eslint/no-explicit-any": "off" },
  },
  {
    files: ["*.js"],
    languageOptions: { globals: { module: "writable", require: "readonly" } },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
