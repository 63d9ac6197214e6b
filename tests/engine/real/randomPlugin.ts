/** Serves the stand-in's `random` resources over Pulumi's protocol, since the real plugin is in no registry. Both engines use the same. */
import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { version } from "@pulumi/random/package.json";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { serveUnary } from "../grpc";
import { RandomProvider } from "../standIn/random";
import { properties, struct } from "../values";

const random = new RandomProvider();

const server = new grpc.Server();
server.addService(ResourceProviderService, {
  getPluginInfo: serveUnary(() => new PluginInfo().setVersion(version)),
  configure: serveUnary(() => new proto.ConfigureResponse()),
  check: serveUnary((request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
  diff: serveUnary(async (request: proto.DiffRequest) => {
    const [olds, news] = [properties(request.getOldInputs()), properties(request.getNews())];
    const { changes, replaces } = await random.diff(request.getUrn(), request.getId(), olds, {}, news);
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    return new proto.DiffResponse().setChanges(changes ? DIFF_SOME : DIFF_NONE).setReplacesList(replaces);
  }),
  create: serveUnary(async (request: proto.CreateRequest) => {
    const inputs = properties(request.getProperties());
    if (request.getPreview()) return new proto.CreateResponse().setProperties(struct(inputs));
    const { id, outputs } = await random.create(request.getUrn(), inputs);
    return new proto.CreateResponse().setId(id).setProperties(struct(outputs));
  }),
  read: serveUnary((request: proto.ReadRequest) =>
    new proto.ReadResponse()
      .setId(request.getId())
      .setInputs(request.getInputs())
      .setProperties(request.getProperties()),
  ),
  delete: serveUnary(() => new Empty()),
  cancel: serveUnary(() => new Empty()),
} as unknown as grpc.UntypedServiceImplementation);

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
