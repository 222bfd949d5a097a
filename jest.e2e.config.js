/** End-to-end tests: a cluster in KUBECONFIG; Terraform, or E2E_APPLY=kubectl. */
const unit = require("./jest.config.js");

module.exports = {
  ...unit,
  testMatch: ["<rootDir>/test/e2e/**/*.e2e.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  testTimeout: 600_000,
  // Each suite has namespaces of its own, so that `--maxWorkers 2` works too, but for alerts, which hear of every suite's pods, and
  // readers, rqlite and verification, which time what they see.
  maxWorkers: 1,
  // What a test that failed has left running would be waited for without end.
  forceExit: true,
};
