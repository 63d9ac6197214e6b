/** Registers the resources of a program as the resource classes do, without running them. */
import { providerText } from "../../dist/provider/program/registration";
import type { ResourceType } from "../../dist/provider/resources/resourceTypes";
import type { Goal, Requests } from "../engine/standIn/monitor";
import { rootType } from "../engine/standIn/stack";
import type { Stack } from "../engine/standIn/stack";
import type { Resource } from "../engine/standIn/state";
import type { Properties } from "../engine/values";
import { version } from "../../package.json";
import { tokenOf } from "../support/provider";
import type { Provider } from "../support/provider";
import { rotationArgs } from "./sequence";
import type { Texts, Program } from "./sequence";

/** Registers all resources, each as soon as its dependencies are registered. */
export async function declare(
  program: Program,
  { project, name: stackName }: Stack,
  requests: Requests,
  provider: Provider,
): Promise<void> {
  const goal = provider === "native" ? nativeGoal : dynamicGoal;
  const stackGoal = goalOf({ type: rootType, name: `${project}-${stackName}`, parent: "", inputs: {} });
  const { urn: parent } = await requests.register(stackGoal);
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

const SECRET_OUTPUTS: Partial<Record<ResourceType, string[]>> = {
  ServiceAccountCredential: ["clientSecret"],
  RotatingCredential: ["clientSecret", "previousClientSecret", "pendingClientSecret"],
};

type Declare = (type: ResourceType, name: string, parent: string, texts: Texts, account?: Resource) => Goal;

const dynamicGoal: Declare = (type, name, parent, texts, account) => {
  const inputs = { __provider: providerText(type), ...texts };
  return goalOf({
    type: tokenOf(type, "dynamic"),
    name,
    parent,
    inputs,
    account,
    secrets: SECRET_OUTPUTS[type],
  });
};

const nativeGoal: Declare = (type, name, parent, texts, account) => {
  const place = parent.split("::").slice(0, 2).join("::");
  return {
    ...goalOf({
      type: tokenOf(type, "native"),
      name,
      parent,
      inputs: { ...texts },
      account,
      secrets: SECRET_OUTPUTS[type],
    }),
    version,
    aliases: [`${place}::${tokenOf(type, "dynamic")}::${name}`],
  };
};

interface Declared {
  type: string;
  name: string;
  parent: string;
  inputs: Properties;
  account?: Resource | undefined;
  secrets?: string[] | undefined;
}

function goalOf({ type, name, parent, inputs: given, account, secrets = [] }: Declared): Goal {
  const inputs = { ...given, ...(account && { serviceAccountId: account.id }) };
  const dependencies = account ? [account.urn] : [];
  const propertyDependencies = Object.fromEntries(
    Object.keys(inputs).map((key) => [key, key === "serviceAccountId" ? dependencies : []]),
  );
  return {
    ...{ name, version: "", deleteBeforeReplace: false, provider: "", aliases: [], importId: "" },
    declared: {
      ...{ type, parent, custom: type !== rootType, protect: false, inputs },
      ...{ dependencies, propertyDependencies, additionalSecretOutputs: secrets },
    },
  };
}
