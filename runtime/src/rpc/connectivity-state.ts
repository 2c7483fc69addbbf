/** State of a channel or subchannel (grpc/grpc doc/connectivity-semantics-and-api.md). */
export type ConnectivityState = "IDLE" | "CONNECTING" | "READY" | "TRANSIENT_FAILURE" | "SHUTDOWN";
