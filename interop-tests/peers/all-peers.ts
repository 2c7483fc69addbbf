/** Everybody we are tested with, the quickest to install first. */
import type { Peer } from "../matrix/peer.js";
import { godwit } from "./godwit/godwit.js";
import { grpcGo } from "./grpc-go/grpc-go.js";
import { grpcJs } from "./grpc-js/grpc-js.js";

export const allPeers: readonly Peer[] = [godwit, grpcJs, grpcGo];
