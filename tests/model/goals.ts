/** A program as the requests that it would make of the engine: what the resource classes ask for, without running them. */
import { providerText } from "../../dist/provider/resources/properties";
import type { ResourceType } from "../../dist/provider/resources/resourceTypes";
import type { Goal, Requests } from "../engine/standIn/monitor";
import { rootType } from "../engine/standIn/stack";
import type { Resource } from "../engine/standIn/state";
import type { Properties } from "../engine/values";
import type { Look, Program } from "./sequence";

/** Declares all that is in the program, everything as soon as what it needs is there. */
export async function declare(program: Program, project: string, requests: Requests): Promise<void> {
  const { urn: parent } = await requests.register(stackGoal(project));
  const account = ([name, look]: [string, Look]) =>
    requests.register(goal("ServiceAccount", name, parent, look));
  const accounts = new Map(Object.entries(program.accounts).map((entry) => [entry[0], account(entry)]));
  const credentials = Object.entries(program.credentials).map(async ([name, { account: key, ...look }]) =>
    requests.register(goal("ServiceAccountCredential", name, parent, look, await accounts.get(key))),
  );
  await Promise.all([...accounts.values(), ...credentials]);
  requests.registerOutputs(parent, {});
}

/** The resource that stands for the stack itself. */
function stackGoal(project: string): Goal {
  const declared = { type: rootType, custom: false, protect: false, inputs: {}, propertyDependencies: {} };
  return {
    name: project,
    version: "",
    deleteBeforeReplace: false,
    declared: { ...declared, parent: "", dependencies: [], additionalSecretOutputs: [] },
  };
}

function goal(type: ResourceType, name: string, parent: string, look: Look, account?: Resource): Goal {
  const inputs: Properties = {
    __provider: providerText(type),
    ...look,
    ...(account && { serviceAccountId: account.id }),
  };
  const dependencies = account ? [account.urn] : [];
  const propertyDependencies = Object.fromEntries(
    Object.keys(inputs).map((key) => [key, key === "serviceAccountId" ? dependencies : []]),
  );
  return {
    name,
    version: "",
    deleteBeforeReplace: false,
    declared: {
      type: `pulumi-nodejs:dynamic/keycard:${type}`,
      parent,
      custom: true,
      protect: false,
      inputs,
      dependencies,
      propertyDependencies,
      additionalSecretOutputs: account ? ["clientSecret"] : [],
    },
  };
}
