import assert from "node:assert/strict";
import { Http2Stream } from "../../../src/http2/stream/http2-stream.js";
import {
  mayReceive,
  maySend,
  nextStreamState,
  type StreamState,
  type StreamTransition,
} from "../../../src/http2/stream/stream-state.js";

const states: StreamState[] = ["open", "halfClosedLocal", "halfClosedRemote", "closed"];
const transitions: StreamTransition[] = ["sendEndStream", "receiveEndStream", "reset"];

describe("stream-state", () => {
  // RFC 9113 §5.1, derived and not copied: each direction is open until its END_STREAM, a reset closes both.
  const open: Record<StreamState, [sends: boolean, receives: boolean]> = {
    open: [true, true],
    halfClosedLocal: [false, true],
    halfClosedRemote: [true, false],
    closed: [false, false],
  };
  const stateOf = (sends: boolean, receives: boolean) =>
    states.find((state) => open[state][0] === sends && open[state][1] === receives);

  for (const state of states) {
    for (const transition of transitions) {
      const [sends, receives] = open[state];
      const expected = {
        sendEndStream: sends ? stateOf(false, receives) : undefined,
        receiveEndStream: receives ? stateOf(sends, false) : undefined,
        reset: sends || receives ? "closed" : undefined,
      }[transition];
      it(`${state} + ${transition} = ${expected ?? "not allowed"}`, () => {
        assert.equal(nextStreamState(state, transition), expected);
        const stream = new Http2Stream(1, 100);
        stream.state = state;
        if (expected === undefined) {
          const law = `internal error: stream 1 is ${state}, ${transition} is not allowed`;
          assert.throws(() => stream.transition(transition), { message: law });
        } else {
          stream.transition(transition);
          assert.equal(stream.state, expected);
        }
      });
    }
    it(`${state}: who may send`, () => {
      assert.deepEqual([maySend(state), mayReceive(state)], open[state]);
    });
  }
});
