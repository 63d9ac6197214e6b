import * as grpc from "@grpc/grpc-js";
import * as rpc from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import type { Properties } from "../values";
import { properties, struct } from "../values";
import type { CheckFailure, Diff, Live, Provider } from "./provider";
import { InitError } from "./provider";

/** The folder and the environment of a provider's process, and the address of its engine. */
export interface HostOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  engine: string;
}

/** Starts a provider's process. `onLine` receives the lines that it prints. */
export type StartHost = (options: HostOptions, onLine: (line: string) => void) => Promise<RemoteProvider>;

/** The kinds of change of a property, in the order of their numbers in the protocol. */
const KINDS = ["add", "add-replace", "delete", "delete-replace", "update", "update-replace"];

/** A provider in a process of its own, called over Pulumi's protocol. */
export class RemoteProvider implements Provider {
  supportsPreview = false;
  private readonly client: rpc.ResourceProviderClient;

  /** @param port the process's port. @param stop stops the process */
  constructor(
    port: string,
    private readonly stop: () => Promise<void>,
  ) {
    this.client = new rpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": 400 * 1024 * 1024,
    });
  }

  /** Passes the provider's settings; must come before any call that concerns a resource. */
  async configure(config: Properties): Promise<this> {
    const request = new proto.ConfigureRequest().setArgs(struct(config)).setAcceptsecrets(true);
    const response = await this.call<proto.ConfigureResponse>("configure", request);
    this.supportsPreview = response.getSupportspreview();
    return this;
  }

  async close(): Promise<void> {
    await this.stop();
    this.client.close();
  }

  /** Returns the provider's schema, in JSON. */
  async schema(): Promise<string> {
    return (await this.call<proto.GetSchemaResponse>("getSchema", new proto.GetSchemaRequest())).getSchema();
  }

  /** Checks the provider's own settings. */
  async checkConfig(urn: string, olds: Properties, news: Properties) {
    const request = new proto.CheckRequest().setUrn(urn).setOlds(struct(olds)).setNews(struct(news));
    return checked(await this.call<proto.CheckResponse>("checkConfig", request));
  }

  /** Compares the provider's own settings. */
  async diffConfig(olds: Properties, news: Properties): Promise<Diff> {
    const request = new proto.DiffRequest().setOldInputs(struct(olds)).setNews(struct(news));
    return diffed(await this.call<proto.DiffResponse>("diffConfig", request));
  }

  async check(urn: string, olds: Properties, news: Properties) {
    const request = new proto.CheckRequest().setUrn(urn).setOlds(struct(olds)).setNews(struct(news));
    return checked(await this.call<proto.CheckResponse>("check", request));
  }

  async diff(
    urn: string,
    id: string,
    oldInputs: Properties,
    olds: Properties,
    news: Properties,
  ): Promise<Diff> {
    const request = new proto.DiffRequest().setUrn(urn).setId(id).setOldInputs(struct(oldInputs));
    request.setOlds(struct(olds)).setNews(struct(news));
    return diffed(await this.call<proto.DiffResponse>("diff", request));
  }

  async create(urn: string, inputs: Properties, preview: boolean): Promise<Live> {
    const request = new proto.CreateRequest().setUrn(urn).setProperties(struct(inputs)).setPreview(preview);
    const response = await this.call<proto.CreateResponse>("create", request);
    return { id: response.getId(), outputs: properties(response.getProperties()) };
  }

  async read(urn: string, id: string, inputs: Properties, outputs: Properties): Promise<Live> {
    const request = new proto.ReadRequest().setUrn(urn).setId(id);
    request.setInputs(struct(inputs)).setProperties(struct(outputs));
    const response = await this.call<proto.ReadResponse>("read", request);
    const found = response.getInputs();
    return {
      id: response.getId(),
      outputs: properties(response.getProperties()),
      ...(found && { inputs: properties(found) }),
    };
  }

  async update(
    urn: string,
    id: string,
    oldInputs: Properties,
    olds: Properties,
    news: Properties,
    preview: boolean,
  ) {
    const request = new proto.UpdateRequest().setUrn(urn).setId(id).setOldInputs(struct(oldInputs));
    request.setOlds(struct(olds)).setNews(struct(news)).setPreview(preview);
    return properties((await this.call<proto.UpdateResponse>("update", request)).getProperties());
  }

  async delete(urn: string, id: string, outputs: Properties): Promise<void> {
    const request = new proto.DeleteRequest().setUrn(urn).setId(id).setProperties(struct(outputs));
    await this.call("delete", request);
  }

  async invoke(token: string, args: Properties) {
    const request = new proto.InvokeRequest().setTok(token).setArgs(struct(args));
    const response = await this.call<proto.InvokeResponse>("invoke", request);
    return { result: properties(response.getReturn()), failures: failuresOf(response) };
  }

  private call<Response>(method: keyof rpc.ResourceProviderClient, request: object): Promise<Response> {
    type Done = (error: grpc.ServiceError | null, response: Response) => void;
    const send = this.client[method] as unknown as (request: object, done: Done) => void;
    return new Promise((resolve, reject) => {
      send.call(this.client, request, (error, response) => {
        if (error) reject(initError(error) ?? new Error(error.details));
        else resolve(response);
      });
    });
  }
}

function failuresOf(response: proto.CheckResponse | proto.InvokeResponse): CheckFailure[] {
  return response
    .getFailuresList()
    .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
}

function checked(response: proto.CheckResponse) {
  return { inputs: properties(response.getInputs()), failures: failuresOf(response) };
}

function diffed(response: proto.DiffResponse): Diff {
  const kinds = response.getDetaileddiffMap().toArray() as unknown as [string, proto.PropertyDiff.AsObject][];
  const kindOf = (name: string) => KINDS[response.getDetaileddiffMap().get(name)?.getKind() ?? -1] ?? "";
  return {
    changes: response.getChanges() !== proto.DiffResponse.DiffChanges.DIFF_NONE,
    replaces: response.getReplacesList(),
    detailed: Object.fromEntries(kinds.map(([name]) => [name, kindOf(name)])),
    stables: response.getStablesList(),
  };
}

/** Returns the resource in the details of a failed initialization. */
function initError(error: grpc.ServiceError): InitError | undefined {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(bytes)) return undefined;
  const [detail] = Status.deserializeBinary(bytes).getDetailsList();
  if (!detail) return undefined;
  const failure = proto.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
  const live = { id: failure.getId(), outputs: properties(failure.getProperties()) };
  return new InitError(live, failure.getReasonsList());
}
