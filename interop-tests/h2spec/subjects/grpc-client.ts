/** One unary call through a channel of this library; the connection stays until the server goes. */
import { StatusError } from "godwit";
import { openOurClient } from "../../ours/our-client.js";
import { suiteLimits } from "../suite-limits.js";

const pollMs = 10;

const { channel, echo } = openOurClient(Number(new URL(process.argv[2] ?? "").port), { limits: suiteLimits });
try {
  await echo.unary({ id: "h2specd" }, { timeoutMs: 2_000 });
} catch (error) {
  // h2specd answers with what is no gRPC: it is what follows that counts.
  if (!(error instanceof StatusError)) throw error;
}
while (channel.state() === "READY") await new Promise((resolve) => setTimeout(resolve, pollMs));
await channel.close();
