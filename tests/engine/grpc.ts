import * as grpc from "@grpc/grpc-js";

/** Returns the handler of a unary call that answers with what `handle` returns, and with its error's message where it throws. */
export function serveUnary<Request, Response>(handle: (request: Request) => Response | Promise<Response>) {
  return (call: { request: Request }, callback: grpc.sendUnaryData<Response>) => {
    Promise.resolve(call.request)
      .then(handle)
      .then(
        (response) => callback(null, response),
        (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
      );
  };
}
