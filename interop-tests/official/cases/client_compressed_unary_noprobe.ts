/** Of grpc-java: requests that are compressed and others that are not, for servers that do not see which are. */
export { clientCompressedUnaryNoprobe } from "./client_compressed_unary.js";
