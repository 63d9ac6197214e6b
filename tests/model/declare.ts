/** Registers the resources of a program as the resource classes do, without running them. */
import { providerText } from "../../dist/provider/program/registration";
import type { ResourceType } from "../../dist/provider/resources/resourceTypes";
import type { Goal, Requests } from "../engine/standIn/monitor";
import { rootType } from "../engine/standIn/stack";
import type { Resource } from "../engine/standIn/state";
import type { Properties } from "../engine/values";
import { rotationArgs } from "./sequence";
import type { Texts, Program } from "./sequence";

/** Registers all resources, each as soon as its dependencies are registered. */
export async function declare(program: Program, project: string, requests: Requests): Promise<void> {
  const { urn: parent } = await requests.register(stackGoal(project));
  const account = ([name, texts]: [string, Texts]) =>
    requests.register(goal("ServiceAccount", name, parent, texts));
  const accounts = new Map(Object.entries(program.accounts).map((entry) => [entry[0], account(entry)]));
  const credentials = Object.entries(program.credentials).map(async ([name, credential]) => {
    const { account: key, rotating, ...texts } = credential;
    const type = rotating ? "RotatingCredential" : "ServiceAccountCredential";
    const args = { ...texts, ...rotationArgs(credential) };
    return requests.register(goal(type, name, parent, args, await accounts.get(key)));
  });
  await Promise.all([...accounts.values(), ...credentials]);
  requests.registerOutputs(parent, {});
}

/** Returns the resource of the stack itself. */
function stackGoal(project: string): Goal {
  const declared = { type: rootType, custom: false, protect: false, inputs: {}, propertyDependencies: {} };
  return {
    name: project,
    version: "",
    deleteBeforeReplace: false,
    declared: { ...declared, parent: "", dependencies: [], additionalSecretOutputs: [] },
  };
}

const SECRET_OUTPUTS: Partial<Record<ResourceType, string[]>> = {
  ServiceAccountCredential: ["clientSecret"],
  RotatingCredential: ["clientSecret", "previousClientSecret", "pendingClientSecret"],
};

function goal(type: ResourceType, name: string, parent: string, texts: Texts, account?: Resource): Goal {
  const inputs: Properties = {
    __provider: providerText(type),
    ...texts,
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
      additionalSecretOutputs: SECRET_OUTPUTS[type] ?? [],
    },
  };
}
