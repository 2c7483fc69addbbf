/** Of grpc-java: a stream of which a message is compressed and the next one is not, for servers that do not see which is. */
export { clientCompressedStreamingNoprobe } from "./client_compressed_streaming.js";
