/** The native provider: serves the resources' operations and the lookups over Pulumi's plugin protocol. Usage: plugin.js <engine's address> */
import { AsyncLocalStorage } from "node:async_hooks";
import { isDeepStrictEqual } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { version } from "../../sdk/internal";
import { InitializationError, ResourceError } from "../errors";
import { lookups } from "../lookups";
import type { LookupContext } from "../lookups/context";
import { runLookup } from "../lookups/lookup";
import { inputsOf, isUnknown, UNKNOWN } from "../resources/inputs";
import type { DiffResult } from "../resources/operations";
import { NATIVE_PREFIX, resourceTypeOf } from "../resources/resourceTypes";
import { SECRET_SETTINGS, SETTINGS } from "../session/settings";
import { Host, operationsOf } from "./host";
import type { AnyOperations, Properties } from "./host";
import { schema } from "../generated/schema";
import { fromStruct, toStruct } from "./wire";

/** The resource of the current call: messages are shown below it. */
const currentUrn = new AsyncLocalStorage<string>();
const engine = new EngineClient(process.argv[2] ?? "", grpc.credentials.createInsecure());

/** Messages that are being sent: a response waits for them, since the engine may end this process after it. */
const sending = new Set<Promise<void>>();

function show(message: string, subject: "resource" | "stack", severity = LogSeverity.INFO): void {
  const urn = subject === "resource" ? currentUrn.getStore() : undefined;
  const request = new LogRequest().setSeverity(severity).setMessage(message);
  const sent = new Promise<void>((resolve) => {
    engine.log(request.setUrn(urn ?? ""), () => resolve());
  });
  sending.add(sent);
  void sent.then(() => sending.delete(sent));
}

/** Pulumi hides what a plugin prints. All lines of the log are information: an error in Pulumi's log makes the update fail. */
const log = (line: string) => show(line, "stack");

const host = new Host(show, { error: log, warn: log, info: log, debug: log });

/** What the last `diff` of each resource has found, for the preview of its update. */
const diffs = new Map<string, DiffResult>();

const pendingLists: LookupContext["pendingLists"] = new Map();

function operationsFor(request: { getUrn(): string }): AnyOperations {
  const [, , qualifiedType = ""] = request.getUrn().split("::");
  const type = resourceTypeOf(qualifiedType.split("$").at(-1) ?? "");
  if (type === undefined) throw new Error(`The provider keycard has no resource type "${qualifiedType}".`);
  return operationsOf[type];
}

/** Returns the outputs of a resource that is to be created: those that Keycard sets are unknown. */
function previewCreate({ outputs, rules, secrets }: AnyOperations, inputs: Properties) {
  const unknown = outputs.filter((output) => !(output in inputs) && !(output in rules));
  const kept = Object.fromEntries(
    Object.entries(inputs).filter(([input]) => input in rules || outputs.includes(input)),
  );
  return toStruct({ ...kept, ...Object.fromEntries(unknown.map((output) => [output, UNKNOWN])) }, secrets);
}

/** Returns the outputs of a resource that is to be updated. */
function previewUpdate(
  { rules, secrets }: AnyOperations,
  olds: Properties,
  news: Properties,
  diff: DiffResult | undefined,
) {
  const outputs = { ...olds };
  for (const input of Object.keys(rules)) outputs[input] = news[input];
  for (const output of diff?.affected ?? []) outputs[output] = UNKNOWN;
  return toStruct(outputs, secrets);
}

const WITHOUT_SECRET =
  "The imported credential has no clientSecret, because Keycard returns a secret only when it creates a credential. To get a new one, add `rotateWhenChanged`, run `pulumi up`, change a value in it, and run `pulumi up` again; or declare a RotatingCredential instead.";

type Kind = proto.PropertyDiff.Kind;

function kindOf(name: string, olds: Properties, news: Properties, isReplaced: boolean): Kind {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  if (olds[name] == null && news[name] != null) return isReplaced ? ADD_REPLACE : ADD;
  if (olds[name] != null && news[name] == null) return isReplaced ? DELETE_REPLACE : DELETE;
  return isReplaced ? UPDATE_REPLACE : UPDATE;
}

/** Returns the response for a diff, with each property that changes. */
function diffResponse(
  { rules }: AnyOperations,
  olds: Properties,
  news: Properties,
  { changes, replaces, affected = [] }: DiffResult,
): proto.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse().setChanges(changes ? DIFF_SOME : DIFF_NONE);
  if (!changes) return response;
  const isChanged = (name: string) => !isDeepStrictEqual(olds[name] || undefined, news[name] || undefined);
  const changed = new Set([...Object.keys(rules).filter(isChanged), ...replaces]);
  const shown = changed.size > 0 ? [...changed] : affected;
  for (const name of shown) {
    const inputs = name in rules ? news : { ...olds, [name]: UNKNOWN };
    const kind = kindOf(name, olds, inputs, replaces.includes(name));
    response.getDetaileddiffMap().set(name, new proto.PropertyDiff().setKind(kind));
  }
  const stables = Object.keys(olds).filter((name) => !changed.has(name) && !affected.includes(name));
  return response
    .setHasdetaileddiff(true)
    .setDiffsList([...shown])
    .setReplacesList(replaces)
    .setStablesList(replaces.length > 0 ? [] : stables);
}

const handlers = {
  getPluginInfo: () => new PluginInfo().setVersion(version),
  getSchema: () => new proto.GetSchemaResponse().setSchema(JSON.stringify(schema)),
  cancel: () => new Empty(),

  checkConfig(request: proto.CheckRequest) {
    const news = fromStruct(request.getNews());
    const unknown = Object.keys(news).filter(
      (name) => !(name in SETTINGS) && !/^(__.*|version|pluginDownloadURL)$/.test(name),
    );
    const failures = unknown.map((name) =>
      new proto.CheckFailure().setReason(
        `${name} is not a setting; the settings are ${Object.keys(SETTINGS).join(", ")}`,
      ),
    );
    return new proto.CheckResponse().setInputs(toStruct(news, SECRET_SETTINGS)).setFailuresList(failures);
  },

  /** Another setting never replaces what the provider manages: `diff` of each resource finds out. */
  diffConfig(request: proto.DiffRequest) {
    const [olds, news] = [fromStruct(request.getOldInputs()), fromStruct(request.getNews())];
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    return new proto.DiffResponse().setChanges(isDeepStrictEqual(olds, news) ? DIFF_NONE : DIFF_SOME);
  },

  configure(request: proto.ConfigureRequest) {
    const settings = fromStruct(request.getArgs());
    host.config = {
      get(key) {
        const value = settings[key.replace("keycard:", "")];
        return value == null || isUnknown(value) ? undefined : String(value);
      },
    };
    // The engine marks outputs as secret where inputs are, and sends none as secret.
    return new proto.ConfigureResponse().setSupportspreview(true).setAcceptsecrets(false);
  },

  async check(request: proto.CheckRequest) {
    const operations = operationsFor(request);
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    if ("name" in operations.rules) news["name"] ??= request.getName() || request.getUrn().split("::").at(-1);
    const stage = { exists: Object.keys(olds).length > 0, isPreview: false };
    const { inputs, failures } = await host.check(operations, news, stage);
    // Without a property: beside its name Pulumi prints its value, even a secret one.
    const failed = failures.map((reason) => new proto.CheckFailure().setReason(reason));
    return new proto.CheckResponse().setInputs(toStruct(inputs, operations.secrets)).setFailuresList(failed);
  },

  async diff(request: proto.DiffRequest) {
    const operations = operationsFor(request);
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    const diff = await host.withAdvice(async () =>
      operations.diff(request.getId(), olds, news, host.context),
    );
    diffs.set(request.getUrn(), diff);
    return diffResponse(operations, olds, news, diff);
  },

  async create(request: proto.CreateRequest) {
    const operations = operationsFor(request);
    const inputs = fromStruct(request.getProperties());
    if (request.getPreview()) {
      const stage = { exists: false, isPreview: true };
      const validate = async () => operations.validateRemote?.(inputs, stage, host.context) ?? [];
      const reasons = await host.withAdvice(validate, true);
      if (reasons.length > 0) throw new ResourceError(reasons.join("\n"));
      return new proto.CreateResponse().setProperties(previewCreate(operations, inputs));
    }
    const { id, outs } = await host.withAdvice(async () => operations.create(inputs, host.context), true);
    return new proto.CreateResponse().setId(id).setProperties(toStruct(outs, operations.secrets));
  },

  async read(request: proto.ReadRequest) {
    const operations = operationsFor(request);
    const given = fromStruct(request.getProperties());
    const own = { id: request.getId(), inputs: {} };
    // An import comes without any properties.
    const isImport = Object.keys(given).length === 0;
    const { id, inputs } = (isImport && operations.parseImportId?.(request.getId())) || own;
    const state = await host.withAdvice(async () =>
      operations.read(id, { ...inputs, ...given }, host.context),
    );
    const response = new proto.ReadResponse();
    if (state === undefined) return response;
    if (id !== own.id) show(WITHOUT_SECRET, "resource", LogSeverity.WARNING);
    return response
      .setId(id)
      .setProperties(toStruct(state, operations.secrets))
      .setInputs(toStruct(inputsOf(operations.rules, state)));
  },

  async update(request: proto.UpdateRequest) {
    const operations = operationsFor(request);
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    const response = new proto.UpdateResponse();
    if (request.getPreview())
      return response.setProperties(previewUpdate(operations, olds, news, diffs.get(request.getUrn())));
    const state = await host.withAdvice(async () =>
      operations.update(request.getId(), olds, news, host.context),
    );
    return response.setProperties(toStruct(state, operations.secrets));
  },

  async delete(request: proto.DeleteRequest) {
    const operations = operationsFor(request);
    const state = fromStruct(request.getProperties());
    await host.withAdvice(async () => operations.delete(request.getId(), state, host.context));
    return new Empty();
  },

  async invoke(request: proto.InvokeRequest) {
    const lookup = lookups.find(({ name }) => request.getTok() === `${NATIVE_PREFIX}${name}`);
    if (lookup === undefined) throw new Error(`keycard has no function "${request.getTok()}"`);
    const { organizationId, permissions, ...args } = fromStruct(request.getArgs());
    const found = await host.withAdvice(async () =>
      runLookup(lookup, args, { organizationId, permissions }, { ...host.context, pendingLists }),
    );
    return new proto.InvokeResponse().setReturn(toStruct(found));
  },
};

/** Returns a failure as the engine understands it; a resource that exists already stays in the state. */
function failure(error: unknown, secretsOf: readonly string[]): Partial<grpc.ServiceError> {
  const { message } = error as Error;
  const details = message;
  if (!(error instanceof InitializationError)) return { code: grpc.status.UNKNOWN, details };
  const kept = new proto.ErrorResourceInitFailed()
    .setId(error.id)
    .setReasonsList(error.reasons)
    .setProperties(toStruct(error.properties, secretsOf));
  const detail = new Any();
  detail.pack(kept.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([detail]);
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details, metadata };
}

type Handler = (request: never) => unknown;

/** Serves a method; all secrets in the resource of an error are marked. */
function serve(handler: Handler): grpc.handleUnaryCall<never, unknown> {
  const secrets = Object.values(operationsOf).flatMap((operations) => operations.secrets);
  return async ({ request }, callback) => {
    const urn = (request as { getUrn?(): string }).getUrn?.() ?? "";
    const outcome = await currentUrn
      .run(urn, async () => ({ response: await handler(request) }))
      .catch((error: unknown) => ({ error: failure(error, secrets) }));
    await Promise.all(sending);
    if ("error" in outcome) callback(outcome.error);
    else callback(null, outcome.response);
  };
}

// A killed engine leaves its plugins running: this one ends by itself when its parent process changes.
const { ppid } = process;
setInterval(() => {
  if (process.ppid !== ppid) process.exit(1);
}, 1000).unref();

const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
const server = new grpc.Server(unlimited);
const service = Object.fromEntries(
  Object.entries(handlers).map(([name, handler]) => [name, serve(handler as Handler)]),
);
server.addService(ResourceProviderService, service as unknown as grpc.UntypedServiceImplementation);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port); // This is how the engine learns where to connect.
});
