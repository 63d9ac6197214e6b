import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { serveUnary } from "../grpc";
import type { Diagnostic } from "../types";
import type { Properties } from "../values";
import { properties, struct } from "../values";
import type { Resource } from "./state";

/** A resource as a program declares it. */
export interface Goal {
  name: string;
  /** The version of the provider, if the program's package names one. */
  version: string;
  /** The resource option: a replaced resource is deleted before its replacement is created. */
  deleteBeforeReplace: boolean;
  /** URN and ID of an explicit provider. */
  provider: string;
  /** URNs that the resource had before. */
  aliases: string[];
  /** The resource option `import`: the ID of an existing object. */
  importId: string;
  declared: Omit<Resource, "urn" | "outputs">;
}

/** A call of a provider's function. */
export interface FunctionCall extends Pick<Goal, "version" | "provider"> {
  token: string;
  args: Properties;
}

/** The requests of a running program. A promise that never settles blocks the program until it is killed. */
export interface Requests {
  register(goal: Goal): Promise<Resource>;
  /** Reads an existing resource, which the program names by ID. */
  read(goal: Goal, id: string): Promise<Resource>;
  invoke(call: FunctionCall): Promise<Properties>;
  registerOutputs(urn: string, outputs: Properties): void;
  log(diagnostic: Diagnostic): void;
}

/** Serves Pulumi's ResourceMonitor and Engine to one program and one provider host. */
export class Monitor {
  private readonly server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  private rootUrn = "";
  address = "";

  constructor(private readonly requests: Requests) {
    // The runner takes missing methods for those of an older engine.
    this.server.addService(ResourceMonitorService, {
      supportsFeature: serveUnary((request: proto.SupportsFeatureRequest) => {
        const supported = ["secrets", "resourceReferences", "outputValues"].includes(request.getId());
        return new proto.SupportsFeatureResponse().setHassupport(supported);
      }),
      registerResource: serveUnary((request: proto.RegisterResourceRequest) => this.register(request)),
      readResource: serveUnary((request: proto.ReadResourceRequest) => this.read(request)),
      invoke: serveUnary((request: proto.ResourceInvokeRequest) => this.invoke(request)),
      registerResourceOutputs: serveUnary((request: proto.RegisterResourceOutputsRequest) => {
        this.requests.registerOutputs(request.getUrn(), properties(request.getOutputs()));
        return new Empty();
      }),
      signalAndWaitForShutdown: serveUnary(() => new Empty()),
    } as unknown as grpc.UntypedServiceImplementation);
    this.server.addService(EngineService, {
      log: serveUnary((request: engine.LogRequest) => this.log(request)),
      getRootResource: serveUnary(() => new engine.GetRootResourceResponse().setUrn(this.rootUrn)),
      setRootResource: serveUnary((request: engine.SetRootResourceRequest) => {
        this.rootUrn = request.getUrn();
        return new engine.SetRootResourceResponse();
      }),
    } as unknown as grpc.UntypedServiceImplementation);
  }

  async listen(): Promise<void> {
    const port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    this.address = `127.0.0.1:${port}`;
  }

  close(): void {
    this.server.forceShutdown();
  }

  private async register(request: proto.RegisterResourceRequest) {
    const propertyDependencies: Record<string, string[]> = {};
    request
      .getPropertydependenciesMap()
      .forEach((urns, key) => (propertyDependencies[key] = urns.getUrnsList()));
    const replacementTrigger: unknown = request.getReplacementTrigger()?.toJavaScript();
    const resource = await this.requests.register({
      name: request.getName(),
      version: request.getVersion(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      provider: request.getProvider(),
      aliases: request.getAliasurnsList(),
      importId: request.getImportid(),
      declared: {
        ...common(request),
        custom: request.getCustom(),
        protect: request.getProtect() ?? false,
        ...(request.getRetainondelete() && { retainOnDelete: true }),
        inputs: properties(request.getObject()),
        propertyDependencies,
        replacementTrigger,
      },
    });
    const response = new proto.RegisterResourceResponse().setUrn(resource.urn).setId(resource.id ?? "");
    return response.setObject(struct(resource.outputs));
  }

  private async read(request: proto.ReadResourceRequest) {
    const declared = { ...common(request), custom: true, inputs: properties(request.getProperties()) };
    const goal = {
      ...{ name: request.getName(), version: request.getVersion(), provider: request.getProvider() },
      ...{ deleteBeforeReplace: false, aliases: [], importId: "", declared },
    };
    const resource = await this.requests.read(goal, request.getId());
    return new proto.ReadResourceResponse().setUrn(resource.urn).setProperties(struct(resource.outputs));
  }

  private async invoke(request: proto.ResourceInvokeRequest) {
    const result = await this.requests.invoke({
      token: request.getTok(),
      args: properties(request.getArgs()),
      version: request.getVersion(),
      provider: request.getProvider(),
    });
    return new provider.InvokeResponse().setReturn(struct(result));
  }

  private log(request: engine.LogRequest) {
    const severity = ([undefined, "info", "warning", "error"] as const)[request.getSeverity()];
    const urn = request.getUrn();
    if (severity)
      this.requests.log({ severity, message: request.getMessage().trimEnd(), ...(urn && { urn }) });
    return new Empty();
  }
}

function common(request: proto.RegisterResourceRequest | proto.ReadResourceRequest) {
  return {
    type: request.getType(),
    parent: request.getParent(),
    dependencies: request.getDependenciesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  };
}
