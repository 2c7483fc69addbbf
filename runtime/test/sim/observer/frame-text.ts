import { codeName, describeFrame, frameType } from "../../support/frames.js";
import type { SeenFrame } from "./frame-scanner.js";

const endStreamFlag = 0x1;

/** A frame in a few words. */
export function describe(frame: SeenFrame): string {
  if (frame.type === frameType.DATA) {
    return `DATA ${frame.streamId} ${frame.length} bytes${(frame.flags & endStreamFlag) === 0 ? "" : " END_STREAM"}`;
  }
  if (frame.type === frameType.GOAWAY) {
    return `GOAWAY ${frame.payload.readUInt32BE(0)} ${codeName(frame.payload.readUInt32BE(4))}`;
  }
  return describeFrame(frame);
}
