import assert from "node:assert/strict";
import { createClient, type PushableSource, pushable } from "godwit";
import { type StreamingOutputCallRequestInit, TestService } from "../../gen/grpc/testing/test_godwit.js";
import { inTime, type OfficialCase } from "../case.js";

interface OpenCall {
  readonly requests: PushableSource<StreamingOutputCallRequestInit>;
  /** Where the server saw it come from. */
  readonly from: string;
  ended(): Promise<unknown>;
}

/**
 * The server allows a few streams a connection (`--max_concurrent_streams_limit`); one call more than fit opens a second
 * connection (gRFC A105), and goes by it.
 */
export const maxConcurrentStreamsConnectionScaling: OfficialCase = async ({ openChannel }) => {
  await using channel = openChannel({ serviceConfig: { connectionScaling: { maxConnectionsPerSubchannel: 2 } } });
  const service = createClient(TestService, channel);
  const openCall = async (): Promise<OpenCall> => {
    const requests = pushable<StreamingOutputCallRequestInit>();
    void requests.write({ responseParameters: [{ size: 1, fillPeerSocketAddress: { value: true } }] });
    const responses = service.fullDuplexCall(requests, inTime)[Symbol.asyncIterator]();
    const { value } = await responses.next();
    return { requests, from: value?.peerSocketAddress ?? "", ended: () => responses.next() };
  };
  const calls = [await openCall()];
  const first = calls[0]?.from ?? "";
  assert.notEqual(first, "", "the server tells the address of its peer");
  while (calls.at(-1)?.from === first) {
    assert.ok(calls.length < 200, "200 calls went by one connection: the server has no such limit");
    calls.push(await openCall());
  }
  for (const { requests, ended } of calls) {
    requests.finish();
    await ended();
  }
};
