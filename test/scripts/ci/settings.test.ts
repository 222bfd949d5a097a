import {
  isSetUp,
  readSettings,
  redacted,
  variableEnvironment,
  variableProblems,
} from "../../../scripts/ci/settings";

const PASSPHRASE = "a passphrase that is long enough";
const full = {
  TERRAFORM_VARIABLES: '{"domain": "example.com", "copies": 2}',
  TERRAFORM_SECRETS: '{"keys": {"notes": "key of notes"}}',
  TERRAFORM_ENVIRONMENT: '{"AWS_SECRET_ACCESS_KEY": "key of the state"}',
  TERRAFORM_KUBECONFIG: "apiVersion: v1\n",
  TERRAFORM_PLAN_PASSPHRASE: PASSPHRASE,
};
const problems = (env: object) => readSettings({ ...full, ...env }).problems;

test("nobody has set it up where no secret is given", () => {
  expect(isSetUp({})).toBe(false);
  // GitHub gives an empty text for a secret that isn't there.
  expect(isSetUp({ TERRAFORM_SECRETS: "", TERRAFORM_VARIABLES: '{"a": 1}' })).toBe(false);
  for (const [name, value] of Object.entries(full))
    expect(isSetUp({ [name]: value })).toBe(name !== "TERRAFORM_VARIABLES");
});

test("reads all of it", () => {
  const { settings, problems } = readSettings(full);
  expect(problems).toEqual([]);
  expect(settings).toEqual({
    variables: { domain: "example.com", copies: 2, keys: { notes: "key of notes" } },
    environment: { AWS_SECRET_ACCESS_KEY: "key of the state" },
    kubeconfig: "apiVersion: v1\n",
    passphrase: PASSPHRASE,
    hidden: [PASSPHRASE, "key of the state", "key of notes"],
  });
});

test.each([undefined, "", "\n"])(
  "only a passphrase must be there, the others may be %j",
  (none) => {
    const { settings, problems } = readSettings({
      ...Object.fromEntries(Object.keys(full).map((name) => [name, none])),
      TERRAFORM_PLAN_PASSPHRASE: PASSPHRASE,
    });
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({ variables: {}, environment: {}, kubeconfig: undefined });
  },
);

test.each([
  [{ TERRAFORM_SECRETS: '{"key": "hush-hush' }, /^TERRAFORM_SECRETS is not a JSON object\. Write/],
  [{ TERRAFORM_VARIABLES: "[1]" }, /^TERRAFORM_VARIABLES is not a JSON object\./],
  [{ TERRAFORM_ENVIRONMENT: "null" }, /^TERRAFORM_ENVIRONMENT is not a JSON object\./],
  [
    { TERRAFORM_ENVIRONMENT: '{"A": "1", "B": 2}' },
    /^TERRAFORM_ENVIRONMENT: B must be text\. Put it in quotes\.$/,
  ],
  [
    { TERRAFORM_SECRETS: '{"domain": "hush-hush"}' },
    /^TERRAFORM_VARIABLES and TERRAFORM_SECRETS both have domain\. Keep one\.$/,
  ],
  [{ TERRAFORM_PLAN_PASSPHRASE: "" }, /^TERRAFORM_PLAN_PASSPHRASE is missing; .* rand -base64 32$/],
  [{ TERRAFORM_PLAN_PASSPHRASE: "hush-hush" }, /^TERRAFORM_PLAN_PASSPHRASE is shorter than 20/],
])("%j is a problem, told without a value", (env, message) => {
  const found = problems(env);
  expect(found).toEqual([expect.stringMatching(message)]);
  expect(found.join()).not.toContain("hush");
});

const stacks = {
  notes: { variable: { domain: {}, copies: { default: 1 }, owner: { default: null } } },
  services: { variable: { keys: { ephemeral: true } } },
};

test("variables of other stacks are in order, missing and unknown ones aren't", () => {
  expect(variableProblems("notes", stacks, { domain: "a", keys: {} })).toEqual([]);
  expect(variableProblems("services", stacks, { copys: 2 })).toEqual([
    "services needs a value for keys. Put it into TERRAFORM_SECRETS, or TERRAFORM_VARIABLES if everybody may read it.",
    "No stack has a variable copys. There are copies, domain, keys, owner.",
  ]);
});

test("a stack is given its own variables, and at apply its ephemeral ones", () => {
  const values = { domain: "a b", copies: 2, keys: { notes: "x" } };
  expect(variableEnvironment(stacks.notes, values, "all")).toEqual({
    TF_VAR_domain: "a b",
    TF_VAR_copies: "2",
  });
  expect(variableEnvironment(stacks.notes, values, "ephemeral")).toEqual({});
  expect(variableEnvironment(stacks.services, values, "ephemeral")).toEqual({
    TF_VAR_keys: '{"notes":"x"}',
  });
});

test("no line of a secret is left in a text, the longer of two first", () => {
  const { hidden } = readSettings({
    ...full,
    TERRAFORM_SECRETS: '{"a": "secret", "b": ["secret-two\\nnext line"], "short": "no", "n": 1}',
  }).settings;
  expect(redacted("secret, secret-two, next line, key of the state, no 1", hidden)).toBe(
    "***, ***, ***, ***, no 1",
  );
});
