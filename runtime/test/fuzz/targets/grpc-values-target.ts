/** What gRPC puts into header fields: read from anything, and written from anything that an application may say. */
import type { Tape } from "../tape.js";
import type { FuzzTarget } from "../target.js";
import { playBinary, playContentType, playDecodedMessage, playEncodedMessage } from "./grpc-values/field-values.js";
import {
  playRequest,
  playResponse,
  playSentRequest,
  playSentStatus,
  playTrailers,
} from "./grpc-values/header-lists.js";
import { playEncodedTimeout, playTimeout } from "./grpc-values/timeouts.js";

/** Header lists more often than single values, of which there are fewer. */
const plays: readonly ((tape: Tape) => unknown)[] = [
  ...[playRequest, playRequest, playRequest, playResponse, playResponse, playTrailers, playTrailers],
  ...[playSentRequest, playSentRequest, playSentStatus, playSentStatus],
  ...[playTimeout, playEncodedTimeout, playDecodedMessage, playEncodedMessage, playBinary, playContentType],
];

export class GrpcValuesTarget implements FuzzTarget {
  readonly watched = ["src/wire/"];
  /** A header list has at most a few KiB here; what is read from it may be written out anew. */
  readonly maxRetainedBytes = 64 * 1024;

  run(tape: Tape): unknown {
    return (plays[tape.below(plays.length)] as (tape: Tape) => unknown)(tape);
  }
}
