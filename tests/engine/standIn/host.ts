import * as grpc from "@grpc/grpc-js";
import * as rpc from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import type { Properties } from "../values";
import { properties, struct } from "../values";
import type { CheckFailure, Diff, Live, Provider } from "./provider";
import { InitError } from "./provider";

/** The folder and the environment of a host, and the address of its engine. */
export interface HostOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  engine: string;
}

/** Starts a host of dynamic providers. `onLine` receives the lines that the provider prints. */
export type StartHost = (options: HostOptions, onLine: (line: string) => void) => Promise<DynamicHost>;

/** Pulumi's own host of dynamic providers. */
export class DynamicHost implements Provider {
  private readonly client: rpc.ResourceProviderClient;

  /** @param port the host's port. @param stop stops the host */
  constructor(
    port: string,
    private readonly stop: () => Promise<void>,
  ) {
    this.client = new rpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": 400 * 1024 * 1024,
    });
  }

  /** Passes the stack's configuration; must be the first call. */
  async configure(config: Properties): Promise<this> {
    const request = new proto.ConfigureRequest().setArgs(struct(config)).setAcceptsecrets(true);
    await this.call<proto.ConfigureResponse>((done) => this.client.configure(request, done));
    return this;
  }

  async close(): Promise<void> {
    await this.stop();
    this.client.close();
  }

  async check(urn: string, olds: Properties, news: Properties) {
    const request = new proto.CheckRequest().setUrn(urn).setOlds(struct(olds)).setNews(struct(news));
    const response = await this.call<proto.CheckResponse>((done) => this.client.check(request, done));
    const failures = response
      .getFailuresList()
      .map((failure): CheckFailure => ({ property: failure.getProperty(), reason: failure.getReason() }));
    return { inputs: properties(response.getInputs()), failures };
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
    const response = await this.call<proto.DiffResponse>((done) => this.client.diff(request, done));
    const changes = response.getChanges() !== proto.DiffResponse.DiffChanges.DIFF_NONE;
    return { changes, replaces: response.getReplacesList() };
  }

  async create(urn: string, inputs: Properties): Promise<Live> {
    const request = new proto.CreateRequest().setUrn(urn).setProperties(struct(inputs));
    const response = await this.call<proto.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), outputs: properties(response.getProperties()) };
  }

  async read(urn: string, id: string, inputs: Properties, outputs: Properties): Promise<Live> {
    const request = new proto.ReadRequest().setUrn(urn).setId(id);
    request.setInputs(struct(inputs)).setProperties(struct(outputs));
    const response = await this.call<proto.ReadResponse>((done) => this.client.read(request, done));
    const found = response.getInputs();
    return {
      id: response.getId(),
      outputs: properties(response.getProperties()),
      ...(found && { inputs: properties(found) }),
    };
  }

  async update(urn: string, id: string, oldInputs: Properties, olds: Properties, news: Properties) {
    const request = new proto.UpdateRequest().setUrn(urn).setId(id).setOldInputs(struct(oldInputs));
    request.setOlds(struct(olds)).setNews(struct(news));
    const response = await this.call<proto.UpdateResponse>((done) => this.client.update(request, done));
    return properties(response.getProperties());
  }

  async delete(urn: string, id: string, outputs: Properties): Promise<void> {
    const request = new proto.DeleteRequest().setUrn(urn).setId(id).setProperties(struct(outputs));
    await this.call((done) => this.client.delete(request, done));
  }

  private call<Response>(
    send: (callback: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      send((error, response) => {
        if (error) reject(initError(error) ?? new Error(error.details));
        else resolve(response);
      });
    });
  }
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
