/** The state of each resource is small, and names the line that declares it. */
import type * as Runtime from "@pulumi/pulumi/runtime/resource";
import { ExclusiveCredentials, ServiceAccount, ServiceAccountCredential } from "pulumi-keycard";
import { account, key, useStack } from "../../support/stack";

const stack = useStack("suite");

test("a resource takes at most 1,750 bytes of compact JSON, beside the stack trace that Pulumi records", async () => {
  // The stack trace holds paths of the machine: its length is not ours to choose, and the stand-in records none.
  await stack.apply({
    deployer: account({ description: "Deploys from CI" }),
    key: key({ description: "GitHub Actions" }),
  });
  const { resources = [] } = (await stack.engine.export()).deployment;
  const sizes = resources
    .filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/keycard:"))
    .map((resource) => Buffer.byteLength(JSON.stringify({ ...resource, stackTrace: undefined })));
  expect(sizes.length).toBe(2);
  for (const size of sizes) expect(size).toBeLessThanOrEqual(1750);
});

test("the source position that Pulumi records is the caller of the constructor", () => {
  const runtime = jest.requireActual<typeof Runtime>("@pulumi/pulumi/runtime/resource");
  const register = jest.spyOn(runtime, "registerResource").mockImplementation(() => undefined);
  const created = [
    () => new ServiceAccount("a"),
    () => new ServiceAccountCredential("a", { serviceAccountId: "a" }),
    () => new ExclusiveCredentials("a", { serviceAccountId: "a", credentialIds: [] }),
  ];
  for (const create of created) create();
  const positions = register.mock.calls.map((args) => args[9] as { uri: string });
  register.mockRestore();
  expect(positions.length).toBe(3);
  for (const { uri } of positions) expect(uri).toMatch(/state\.test\.ts$/);
});
