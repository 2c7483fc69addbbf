import type { MethodCodecTable } from "../codec/method-codecs.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import type { GrpcRequest } from "../wire/parse-request.js";

/** Why a server cannot read a request, whatever its method. */
export function unsupported(
  request: GrpcRequest,
  codecs: MethodCodecTable,
  encodings: readonly string[],
): Status | undefined {
  if (request.encoding !== "identity" && !encodings.includes(request.encoding)) {
    const message = `grpc-encoding ${JSON.stringify(request.encoding)} is not supported, expected identity, ${encodings.join(" or ")}`;
    return { code: StatusCode.UNIMPLEMENTED, message };
  }
  if (!codecs.has(request.contentSubtype)) {
    const expected = codecs.formats.map((format) => `application/grpc+${format}`).join(" or ");
    const message = `content-type application/grpc+${request.contentSubtype} is not supported, expected ${expected}`;
    return { code: StatusCode.UNIMPLEMENTED, message };
  }
  return undefined;
}
