/** Everybody we are tested with, the quickest to install first. */
import type { Peer } from "../matrix/peer.js";
import { godwit } from "./godwit/godwit.js";
import { grpcGo } from "./grpc-go/grpc-go.js";

export const allPeers: readonly Peer[] = [godwit, grpcGo];
