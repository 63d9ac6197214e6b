import * as grpc from "@grpc/grpc-js";

/** Returns the handler of a unary call, which responds with the result of `handle`, or with the message of its error. */
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
