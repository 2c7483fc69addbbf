/**
 * The cases that do not pass against gRPC, each with its reason: the suites ask for a server that answers everything with
 * 200 and a body, and for a client that takes such an answer. Against the HTTP/2 core alone every case passes.
 */
import type { ExpectedNonPass } from "./case-result.js";

const noBody = "what is no gRPC request is answered with 415 and no body, and the case wants DATA";
const answeredBefore =
  "what is no gRPC request is answered as soon as its headers are read, and its stream is reset (RFC 9113 §8.1): frames behind them are looked at only if they lie in the same read";
const answeredAtOnce =
  "what is no gRPC request is answered at once, so the limit is exceeded only if more than 1,000 requests lie in one read";

const fails = (id: string, reason: string): ExpectedNonPass => ({ id, outcomes: ["failed"], reason });
const isSkipped = (id: string, reason: string): ExpectedNonPass => ({ id, outcomes: ["skipped"], reason });
const mayFail = (id: string, reason: string): ExpectedNonPass => ({ id, outcomes: ["failed", "passed"], reason });

export const grpcServerNonPasses: readonly ExpectedNonPass[] = [
  fails("generic/2/2", noBody),
  fails("generic/2/3", noBody),
  mayFail("http2/5.1/8", answeredBefore),
  mayFail("http2/5.1/9", answeredBefore),
  mayFail("http2/5.1.2/1", answeredAtOnce),
  isSkipped("http2/6.5.3/1", noBody),
  mayFail("http2/6.9/2", answeredBefore),
  isSkipped("http2/6.9.1/1", noBody),
  mayFail("http2/6.9.1/3", answeredBefore),
  isSkipped("http2/6.9.2/1", noBody),
  isSkipped("http2/6.9.2/2", noBody),
  mayFail("http2/8.1/1", answeredBefore),
  mayFail("http2/8.1.2.1/3", answeredBefore),
  mayFail("http2/8.1.2.6/1", answeredBefore),
  mayFail("http2/8.1.2.6/2", answeredBefore),
];

const resetBefore =
  "the response is not gRPC, so the client has reset the stream before the frame that the case is about, and ignores that (RFC 9113 §5.1)";

export const grpcClientNonPasses: readonly ExpectedNonPass[] = [
  fails("client/5.1/5", resetBefore),
  fails("client/5.1/6", resetBefore),
  fails("client/6.9/2", resetBefore),
  fails("client/6.9.1/2", resetBefore),
];
