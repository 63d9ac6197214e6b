/** The native provider as a process of its own, called over Pulumi's protocol without an engine. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { serveUnary } from "../engine/grpc";
import { properties, struct } from "../engine/values";
import type { Properties } from "../engine/values";

const EXECUTABLE = resolve(__dirname, "../../dist/plugin/pulumi-resource-keycard");

/** The kinds of change of a property, in the order of their numbers. */
const KINDS = ["add", "add-replace", "delete", "delete-replace", "update", "update-replace"];

/** A resource that a failed create leaves in the state. */
export class InitFailed extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: Properties,
  ) {
    super(message);
  }
}

/** Each message that the provider has shown the user, with the URN of its resource. */
interface Message {
  urn: string;
  message: string;
}

export class Plugin {
  private constructor(
    private readonly process: ChildProcess,
    private readonly engine: grpc.Server,
    private readonly client: ResourceProviderClient,
    readonly messages: Message[],
  ) {}

  static async start(settings: Properties, executable = EXECUTABLE, env = process.env): Promise<Plugin> {
    const messages: Message[] = [];
    const engine = new grpc.Server();
    engine.addService(EngineService, {
      log: serveUnary((request: LogRequest) => {
        messages.push({ urn: request.getUrn(), message: request.getMessage() });
        return new Empty();
      }),
    } as unknown as grpc.UntypedServiceImplementation);
    const insecure = grpc.ServerCredentials.createInsecure();
    const address = await new Promise<string>((done, fail) => {
      engine.bindAsync("127.0.0.1:0", insecure, (error, port) =>
        error ? fail(error) : done(`127.0.0.1:${port}`),
      );
    });
    const child = spawn(executable, [address], { stdio: ["ignore", "pipe", "inherit"], env });
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const client = new ResourceProviderClient(
      `127.0.0.1:${String(port).trim()}`,
      grpc.credentials.createInsecure(),
    );
    const plugin = new Plugin(child, engine, client, messages);
    await plugin.call("configure", new proto.ConfigureRequest().setArgs(struct(settings)));
    return plugin;
  }

  async close(): Promise<void> {
    this.client.close();
    this.process.kill();
    await once(this.process, "exit");
    this.engine.forceShutdown();
  }

  async schema() {
    const response = await this.call<proto.GetSchemaResponse>("getSchema", new proto.GetSchemaRequest());
    return JSON.parse(response.getSchema()) as Schema;
  }

  async checkConfig(news: Properties) {
    const request = new proto.CheckRequest().setNews(struct(news));
    return checked(await this.call<proto.CheckResponse>("checkConfig", request));
  }

  async diffConfig(olds: Properties, news: Properties) {
    const request = new proto.DiffRequest().setOldInputs(struct(olds)).setNews(struct(news));
    return diffed(await this.call<proto.DiffResponse>("diffConfig", request));
  }

  /** @param name `<type> <logical name>` */
  async check(name: string, news: Properties, olds: Properties = {}) {
    const request = new proto.CheckRequest().setUrn(urnOf(name)).setNews(struct(news)).setOlds(struct(olds));
    return checked(await this.call<proto.CheckResponse>("check", request));
  }

  async diff(name: string, id: string, olds: Properties, news: Properties) {
    const request = new proto.DiffRequest()
      .setUrn(urnOf(name))
      .setId(id)
      .setOlds(struct(olds))
      .setNews(struct(news));
    return diffed(await this.call<proto.DiffResponse>("diff", request));
  }

  async create(name: string, inputs: Properties, preview = false) {
    const request = new proto.CreateRequest()
      .setUrn(urnOf(name))
      .setProperties(struct(inputs))
      .setPreview(preview);
    const response = await this.call<proto.CreateResponse>("create", request);
    return { id: response.getId(), outputs: properties(response.getProperties()) };
  }

  async read(name: string, id: string, outputs: Properties = {}) {
    const request = new proto.ReadRequest().setUrn(urnOf(name)).setId(id).setProperties(struct(outputs));
    const response = await this.call<proto.ReadResponse>("read", request);
    const values = (given: Struct | undefined) => properties(given);
    return {
      id: response.getId(),
      outputs: values(response.getProperties()),
      inputs: values(response.getInputs()),
    };
  }

  async update(name: string, id: string, olds: Properties, news: Properties, preview = false) {
    const request = new proto.UpdateRequest().setUrn(urnOf(name)).setId(id).setPreview(preview);
    request.setOlds(struct(olds)).setNews(struct(news));
    return properties((await this.call<proto.UpdateResponse>("update", request)).getProperties());
  }

  async delete(name: string, id: string, outputs: Properties): Promise<void> {
    await this.call(
      "delete",
      new proto.DeleteRequest().setUrn(urnOf(name)).setId(id).setProperties(struct(outputs)),
    );
  }

  async invoke(name: string, args: Properties): Promise<Properties> {
    const request = new proto.InvokeRequest().setTok(`keycard:index:${name}`).setArgs(struct(args));
    return properties((await this.call<proto.InvokeResponse>("invoke", request)).getReturn());
  }

  private call<Response>(method: string, request: object): Promise<Response> {
    type Call = (
      request: object,
      done: (error: grpc.ServiceError | null, response: Response) => void,
    ) => void;
    const client = this.client as unknown as Record<string, Call>;
    return new Promise((done, fail) => {
      client[method]?.(request, (error, response) => (error ? fail(initFailed(error)) : done(response)));
    });
  }
}

/** A schema, as far as tests read it. */
interface Schema {
  version: string;
  config: { variables: Record<string, Property> };
  provider: { inputProperties: Record<string, Property> };
  resources: Record<string, Resource>;
  functions: Record<string, { description: string; inputs: { properties: Record<string, Property> } }>;
}

interface Property {
  description: string;
  secret?: true;
}

interface Resource {
  description: string;
  inputProperties: Record<string, Property>;
  properties: Record<string, Property>;
  aliases: { type: string }[];
}

export function urnOf(name: string): string {
  const [type, logicalName] = name.split(" ");
  return `urn:pulumi:dev::project::keycard:index:${type}::${logicalName}`;
}

function checked(response: proto.CheckResponse) {
  const failures = response
    .getFailuresList()
    .map((failure) => `${failure.getProperty()}${failure.getReason()}`);
  return { inputs: properties(response.getInputs()), failures };
}

function diffed(response: proto.DiffResponse) {
  const kinds = response.getDetaileddiffMap().toArray() as unknown as [string, proto.PropertyDiff.AsObject][];
  return {
    changes: response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME,
    replaces: response.getReplacesList(),
    detailed: Object.fromEntries(kinds.map(([name]) => [name, kindOf(response, name)])),
    stables: response.getStablesList(),
  };
}

function kindOf(response: proto.DiffResponse, name: string): string | undefined {
  return KINDS[response.getDetaileddiffMap().get(name)?.getKind() ?? -1];
}

/** Returns the error of a call, with the resource in its details, if there is one. */
function initFailed(error: grpc.ServiceError): Error {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(bytes)) return new Error(error.details);
  const [detail] = Status.deserializeBinary(bytes).getDetailsList();
  const failure = proto.ErrorResourceInitFailed.deserializeBinary(
    detail?.getValue_asU8() ?? new Uint8Array(),
  );
  return new InitFailed(
    failure.getReasonsList().join("\n"),
    failure.getId(),
    properties(failure.getProperties()),
  );
}
