import type { Plant } from "./plant.js";

function plant(number: number, name: string, rest: Omit<Plant, "number" | "name" | "foundBy">): Plant {
  return { number, name, ...rest, foundBy: "sim" };
}

/** Faults that the simulator has to find. */
export const simPlants: readonly Plant[] = [
  plant(1, "a window leak", {
    breaks: "DATA that comes for a stream that was reset is not given back to the connection's window",
    file: "http2/inbound/data-receiver.js",
    find: "if (stream === undefined || !stream.headersReceived) {\n            this.#ledger.releaseConnection(length);",
    replace: "if (stream === undefined || !stream.headersReceived) {",
  }),
  plant(2, "a double refund", {
    breaks: "bytes that come for a call whose trailers wait to be sent are given back twice",
    file: "transport/server-transport.js",
    find: "this.session.releaseWindow(event.streamId, event.end - event.start);",
    replace: "this.session.releaseWindow(event.streamId, 2 * (event.end - event.start));",
  }),
  plant(3, "GOAWAY off by one", {
    breaks: "the last stream that a server answers is not among those that it says it does",
    file: "http2/session-state.js",
    find: "return Math.min(this.lastRemoteStreamId, this.acceptedRemoteStreamId);",
    replace: "return Math.max(0, Math.min(this.lastRemoteStreamId, this.acceptedRemoteStreamId) - 2);",
  }),
  plant(4, "a lost wake-up of a stream", {
    breaks: "a stream whose window grows is not scheduled again",
    file: "http2/write-scheduler.js",
    find: "if (this.#blocked?.has(stream) === true)",
    replace: "if (this.#blocked?.has(stream) === true && this.#blocked.size > 2)",
  }),
  plant(5, "a lost wake-up of a sender", {
    breaks: "a sender that was told to wait is not told to go on when its queue has emptied",
    file: "http2/session-outbound.js",
    find: "if (stream.queuedEnd === undefined)\n            this.#state.emit(",
    replace: "if (stream.queuedEnd === undefined && stream.queuedBytes > 0)\n            this.#state.emit(",
  }),
  plant(6, "a lost wake-up of a connection", {
    breaks: "nothing is written any more once the byte stream asked to wait",
    file: "transport/session-driver.js",
    find: "onDrain() {\n        this.#writer.isBlocked = false;\n        this.schedule();",
    replace: "onDrain() {\n        this.#writer.isBlocked = false;",
  }),
  plant(7, "a handler behind its reset", {
    breaks: "a call that was reset in the chunk that brought it still starts its handler",
    file: "transport/server-transport.js",
    find: "if (stream.hasEnded)\n                continue;",
    replace: "",
  }),
  plant(8, "a late deadline", {
    breaks: "a deadline runs out a millisecond after its time",
    file: "channel/call/call.js",
    find: "platform.setTimer(deadline, ",
    replace: "platform.setTimer(deadline + 1, ",
  }),
  plant(9, "a timer left behind", {
    breaks: "the timer of a call stays when the call has ended",
    file: "channel/call/call.js",
    find: "this.#inner = undefined;\n        this.#timer?.cancel();",
    replace: "this.#inner = undefined;",
  }),
  plant(10, "a status told twice", {
    breaks: "a call tells its end two times",
    file: "channel/call/pick/picked-call.js",
    find: "this.#sink.onStatus(isPlain",
    replace: "this.#sink.onStatus(told);\n        this.#sink.onStatus(isPlain",
  }),
  plant(11, "a piece of DATA dropped", {
    breaks: "of a DATA frame that is cut on its way, a last piece of one byte is lost",
    file: "http2/inbound/data-receiver.js",
    find: "else if (size === 0)",
    replace: "else if (size <= 1)",
  }),
  plant(12, "trailers that overtake DATA", {
    breaks: "trailers are sent before the messages that wait for a window",
    file: "http2/session-outbound.js",
    find: "if (stream.queuedBytes > 0) {\n            // Only trailers",
    replace: "if (stream.queuedBytes > 100000) {\n            // Only trailers",
  }),
  plant(13, "a stream's slot given back twice", {
    breaks: "a client opens more streams than the server takes",
    file: "http2/session-state.js",
    find: "this.localStreams -= 1;",
    replace: 'this.localStreams -= input === "reset" ? 2 : 1;',
  }),
  plant(14, "output overwritten", {
    breaks: "memory is used again while the byte stream has not written it",
    file: "transport/session-writer.js",
    find: "if (this.#stream.pendingBytes === 0)",
    replace: "if (this.#stream.pendingBytes < 40)",
  }),
  plant(15, "an unheard reset", {
    breaks: "a handler is not told that its client has cancelled",
    file: "transport/server-stream.js",
    find: "this.#inbound?.cancel(status);\n        }\n        this.#leave(false);",
    replace: "}\n        this.#leave(false);",
  }),
  plant(16, "half of a request taken for all of it", {
    breaks: "a handler whose call is over sees the end of its requests in place of an error",
    file: "server/call/request-queue.js",
    find: "this.#queue.abort(error);",
    replace: "this.#queue.discard();\n        this.#queue.fail(error);",
  }),
  plant(17, "a quota that is not kept", {
    breaks: "calls that waited for their request are not counted among the handlers that run",
    file: "server/call/server-call.js",
    find: "const refusal = this.#owner.refusal();",
    replace: "const refusal = undefined;",
  }),
  plant(18, "a forgotten waiter", {
    breaks: "of the calls that wait for a slot only the first is told when there are some",
    file: "channel/subchannel/slot-queue.js",
    find: "waiter.onSlot();",
    replace: "return waiter.onSlot();",
  }),
  plant(19, "a lie about delivery", {
    breaks: "a call whose request was sent says that it was not",
    file: "transport/client-stream.js",
    find: 'delivery: "not-processed"',
    replace: 'delivery: "not-sent"',
  }),
  plant(20, "a drain that does not wait", {
    breaks: "a server that drains closes a connection on which a call still runs",
    file: "transport/server-transport.js",
    find: "this.session.openStreams === 0 && this.#streams.size === 0",
    replace: "this.session.openStreams <= 1",
  }),
  plant(21, "SETTINGS not acknowledged", {
    breaks: "a peer's SETTINGS get no answer",
    file: "http2/session-outbound.js",
    find: "appendSettingsAck(this.#arena);",
    replace: "",
  }),
  plant(22, "a handler's place given back twice", {
    breaks: "a call that was cancelled gives its place on the connection back with its handler and with itself",
    file: "transport/server-stream.js",
    find: "if (!this.#holdsSlot || !this.#left || this.#isHandlerRunning)\n            return;\n        this.#holdsSlot = false;",
    replace: "if (!this.#ended || this.#isHandlerRunning)\n            return;",
  }),
  plant(23, "a PING not answered", {
    breaks: "PINGs get no answer",
    file: "http2/session-outbound.js",
    find: "appendPing(isBehindStreams",
    replace: "if (!ack) appendPing(isBehindStreams",
  }),
  plant(24, "a connection left without a word", {
    breaks: "a connection is closed without GOAWAY",
    file: "http2/session-outbound.js",
    find: "appendGoAway(this.#openControl(), this.#state.goAwayStreamId, code, debug);",
    replace: "",
  }),
  plant(25, "a header block cut wrongly", {
    breaks: "the frames of a large header block all carry its beginning",
    file: "http2/frame/header-frames.js",
    find: "offset, offset + length);",
    replace: "0, length);",
  }),
  plant(26, "messages forgotten with their connection", {
    breaks: "messages of a complete answer that wait for a turn are not given out when the connection has gone",
    file: "transport/client-transport.js",
    find: "this.#turn.outlive({ schedule: () => this.platform.scheduleTurn(() => this.#turn.renew()) });",
    replace: "",
  }),
  plant(27, "an answer cut off", {
    breaks: "what a drained connection still has to say may take a second and no more",
    file: "transport/session-driver.js",
    find: "this.#session.drained && !this.#isHurried",
    replace: "false",
  }),
  plant(28, "an error that does not say what is known", {
    breaks: "a call that is cancelled behind an interceptor has no delivery",
    file: "channel/call/call.js",
    find: "delivery: status.delivery ?? this.#delivery }",
    replace: "delivery: status.delivery }",
  }),
  plant(51, "a shared connection taken away", {
    breaks: "a channel that releases a connection closes it for the others, too",
    file: "channel/subchannel/shared-subchannel.js",
    find: "if (this.#users.size > 0) {",
    replace: "if (this.#users.size > 99) {",
  }),
  plant(52, "a worn connection cut off", {
    breaks: "a connection whose stream ids are nearly used is closed, and its calls with it, when another takes over",
    file: "channel/subchannel/shared-subchannel.js",
    find: "for (const { transport } of worn)\n            transport?.drain();",
    replace: 'for (const { transport } of worn)\n            transport?.close({ code: 14, message: "worn" });',
  }),
  plant(61, "a token not spent", {
    breaks: "a failure that is tried again takes no token",
    file: "retry/retry-decision.js",
    find: "throttle?.onFailure();\n    if (throttle?.allowsMore",
    replace: "if (throttle?.allowsMore",
  }),
  plant(62, "a retry after headers", {
    breaks: "a call whose answer has begun is tried again when the attempt fails",
    file: "channel/call/attempts/retrying-call.js",
    find: "else if (this.#committed)\n",
    replace: "else if (false)\n",
  }),
  plant(63, "a commit too late", {
    breaks: "an attempt counts when its first message comes, not with its headers",
    file: "channel/call/attempts/retrying-call.js",
    find: "this.#commit();\n        this.#sink.onHeaders(metadata, peer);\n    }\n    onMessage(message) {",
    replace: "this.#sink.onHeaders(metadata, peer);\n    }\n    onMessage(message) {\n        this.#commit();",
  }),
  plant(64, "a second run of a call of which nothing is known", {
    breaks: "a call that may have run is sent again as if the server had refused it",
    file: "channel/call/pick/picked-call.js",
    find: 'delivery === "not-processed" &&',
    replace: 'delivery !== "processed" &&',
  }),
  plant(65, "a caller left waiting", {
    breaks: "a caller that an attempt told to wait does not hear that the next one takes more",
    file: "channel/call/attempts/retrying-call.js",
    find: "if (stream?.send(message, last) === true)\n            return true;",
    replace: "if (stream !== undefined)\n            return stream.send(message, last);",
  }),
  plant(66, "a hedged call without an end", {
    breaks: "a hedged call whose tokens are gone when its next attempt is due hears nothing more",
    file: "channel/call/attempts/hedged-call.js",
    find: "this.#mayHedge = false;\n            this.#endIfOver();",
    replace: "this.#mayHedge = false;",
  }),
  plant(67, "a stream that is not said again whole", {
    breaks: "an attempt does not hear that the caller has finished",
    file: "channel/call/attempts/retrying-call.js",
    find: 'if (this.#finished === "alone")\n            stream.finish();\n        if (this.#isFull)',
    replace: "if (this.#isFull)",
  }),
  plant(68, "an error that makes less of what happened", {
    breaks: "the delivery of a call is that of its last attempt, whatever those before may have done",
    file: "retry/attempt-history.js",
    find: "return severity[a] >= severity[b] ? a : b;",
    replace: "return b;",
  }),
];
