/** One unary call through a channel of grpc-js, for comparison; the connection stays until the server goes, or h2specd would give up. */
import { connectivityState } from "@grpc/grpc-js";
import { GrpcJsClient } from "../../grpc-js/grpc-js-client.js";

const pollMs = 10;
const callMs = 1_000;
const stayMs = 1_500;

using client = new GrpcJsClient(Number(new URL(process.argv[2] ?? "").port));
await client.unary({ id: "h2specd" }, { deadline: Date.now() + callMs });
const channel = client.raw.getChannel();
// performance.now() counts from the start of the process.
while (channel.getConnectivityState(false) === connectivityState.READY && performance.now() < stayMs) {
  await new Promise((resolve) => setTimeout(resolve, pollMs));
}
