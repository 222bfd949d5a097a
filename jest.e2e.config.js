/** End-to-end tests: a cluster in KUBECONFIG; Terraform, or E2E_APPLY=kubectl. */
const unit = require("./jest.config.js");

module.exports = {
  ...unit,
  testMatch: ["<rootDir>/test/e2e/**/*.e2e.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  testTimeout: 600_000,
};
