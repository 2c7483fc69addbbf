import { createServer, type Server, StatusCode, StatusError, serviceFromDesc, statusDetail } from "godwit";
import { Channelz, createChannelzService } from "godwit/channelz";
import { addReflection } from "godwit/reflection";
import { runExplore } from "../../../src/cli/explore/explore.js";
import { echoHandlers } from "../../e2e/loopback.js";
import { CodecService } from "../../gen/godwit/testing/codec/v1/codec_service_pb.js";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { FakeWorld } from "../fake-world.js";

export const echo = "godwit.testing.v1.EchoService";

/** Where the build has put the files of the page. */
const pageFolder = new URL("../../../../dist/explore/", import.meta.url);

/** A server, and `godwit explore` of it. */
export interface OpenPage extends AsyncDisposable {
  readonly url: string;
  readonly server: Server;
  readonly world: FakeWorld;
  /** Calls that were cancelled while their handler ran. */
  readonly cancelled: string[];
}

export async function openPage(...args: string[]): Promise<OpenPage> {
  const cancelled: string[] = [];
  const server = createServer({ onError: () => {} });
  server.add(EchoService, {
    ...echoHandlers,
    unary(request, context) {
      const said = context.metadata.get("x-say");
      if (said !== undefined) context.setHeaders({ "x-echo": String(said) });
      context.trailers.set("x-key-bin", Uint8Array.of(0, 1));
      if (request.id === "wait") {
        context.signal.addEventListener("abort", () => cancelled.push("unary"));
        return new Promise(() => {});
      }
      if (request.id === "markup") return { id: "<img src=x onerror=alert(1)>" };
      if (request.id !== "none") return echoHandlers.unary(request, context);
      throw new StatusError(StatusCode.NOT_FOUND, "no such <b>thing</b>", {
        details: [
          statusDetail(ErrorInfoSchema, { reason: "GONE", domain: "example.com" }),
          statusDetail(BadRequestSchema, { fieldViolations: [{ field: "id", description: "is not known" }] }),
        ],
      });
    },
  });
  server.addPartial(serviceFromDesc(CodecService), { echoTree: (tree) => tree, echoWellKnown: (message) => message });
  server.add(Channelz, createChannelzService());
  addReflection(server);
  const { address } = await server.listen("127.0.0.1:0");
  const world = new FakeWorld();
  let opened: (url: string) => void = () => {};
  const url = new Promise<string>((resolve) => {
    opened = resolve;
  });
  world.print = (text) => opened(/http:\S+/.exec(text)?.[0] ?? text);
  const running = runExplore([address, ...args], world, world, pageFolder);
  return {
    url: await Promise.race([url, running.then(() => "")]),
    server,
    world,
    cancelled,
    async [Symbol.asyncDispose]() {
      world.interrupt?.();
      await running;
      await server.close({ graceMs: 0 });
    },
  };
}
