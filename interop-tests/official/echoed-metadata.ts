/** What a server sends back: the first in its headers, the second in its trailers. */
export const echoInitial = "x-grpc-test-echo-initial";
export const echoTrailing = "x-grpc-test-echo-trailing-bin";
