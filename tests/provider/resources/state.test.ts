/** The state of a resource names the line that declares it. */
import type * as Runtime from "@pulumi/pulumi/runtime/resource";
import { ExclusiveCredentials, ServiceAccount, ServiceAccountCredential } from "pulumi-keycard";

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
