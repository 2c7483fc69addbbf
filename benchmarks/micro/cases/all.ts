import type { MicroCase } from "../micro-case.js";
import { codecCases } from "./codecs.js";
import { frameCases } from "./frames.js";
import { grpcValueCases } from "./grpc-values.js";
import { headerBlockCases } from "./header-blocks.js";
import { messageCases } from "./messages.js";
import { metadataCases } from "./metadata.js";
import { queueCases } from "./queues.js";
import { sessionCases } from "./sessions.js";
import { timerCases } from "./timers.js";

/** All of them are made, and used, before one is measured: code that has seen one kind of input is faster than any service's. */
export function allCases(): readonly MicroCase[] {
  return [
    ...headerBlockCases(),
    ...frameCases(),
    ...messageCases(),
    ...metadataCases(),
    ...grpcValueCases(),
    ...timerCases(),
    ...queueCases(),
    ...sessionCases(),
    ...codecCases(),
  ];
}
