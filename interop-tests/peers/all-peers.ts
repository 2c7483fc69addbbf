/** Everybody we are tested with, the quickest to install first. */
import type { Peer } from "../matrix/peer.js";
import { connectNode } from "./connect-node/connect-node.js";
import { godwit } from "./godwit/godwit.js";
import { grpcGo } from "./grpc-go/grpc-go.js";
import { grpcJava } from "./grpc-java/grpc-java.js";
import { grpcJs } from "./grpc-js/grpc-js.js";
import { grpcPython } from "./grpc-python/grpc-python.js";
import { tonic } from "./tonic/tonic.js";

export const allPeers: readonly Peer[] = [godwit, grpcJs, connectNode, grpcPython, grpcGo, grpcJava, tonic];
