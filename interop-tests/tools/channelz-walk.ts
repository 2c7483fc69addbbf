import assert from "node:assert/strict";
import type { Check } from "./check.js";
import { runTool } from "./run-tool.js";

type Json = { readonly [key: string]: Json } & { readonly [Symbol.iterator]: () => Iterator<Json> } & string;

/** grpcdebug is not to be had from the module proxy: its questions are asked by grpc-go's client instead (suite/main.go). */
export const channelzChecks: readonly Check[] = [
  {
    name: "grpc-go's channelz client",
    async run({ tools, door: { address, roots } }) {
      const flags = roots === undefined ? [] : [`-cacert=${roots}`];
      const { exitCode, stdout, stderr } = await runTool(tools.goPeer, [`-addr=${address}`, ...flags]);
      assert.equal(exitCode, 0, stderr);
      const documents = stdout
        .trim()
        .split("\n")
        .map((line) => Object.entries(JSON.parse(line) as Record<string, Json>)[0] ?? assert.fail());
      const all = (label: string): Json[] => documents.filter(([name]) => name === label).map(([, value]) => value);
      const channels = all("channels").flatMap(({ channel }) => [...(channel ?? [])]);
      const ours = channels.find(({ data }) => data?.["target"] === address) ?? assert.fail("the channel is missing");
      assert.equal(ours["data"]?.["state"]?.["state"], "READY");
      assert.deepEqual([ours["data"]?.["callsStarted"], ours["data"]?.["callsSucceeded"]], ["2", "2"]);
      const sockets = all("client socket").map(({ socket }) => socket?.["data"]);
      assert.ok(sockets.some((data) => data?.["streamsSucceeded"] === "2" && data["messagesReceived"] === "4"));
      assert.equal(all("servers").flatMap(({ server }) => [...(server ?? [])]).length, 2);
      const ciphers = all("server socket").map(({ socket }) => socket?.["security"]?.["tls"]?.["standardName"]);
      if (roots !== undefined) assert.ok(ciphers.some((cipher) => /^TLS_/.test(cipher ?? "")));
      assert.ok(all("listen socket").length === 4 && all("server socket").length >= 2);
      return `${documents.length} answers: channels, subchannels, servers, sockets`;
    },
  },
];
