/** What stands between the application and the wire: an iterable's messages, and whose turn it is to send. */
import assert from "node:assert/strict";
import { Deque } from "../../../runtime/src/base/deque.js";
import { MessageQueue } from "../../../runtime/src/base/message-queue.js";
import { Http2Stream } from "../../../runtime/src/http2/stream/http2-stream.js";
import { WriteScheduler } from "../../../runtime/src/http2/write-scheduler.js";
import type { MicroCase } from "../micro-case.js";

const messages = Array.from({ length: 128 }, (_, index) => ({ index }));

export function queueCases(): readonly MicroCase[] {
  return [dequeCase(), messageQueueCase(), schedulerCase()];
}

/** A queue that is never empty. */
function dequeCase(): MicroCase {
  const deque = new Deque<{ index: number }>();
  const array: { index: number }[] = [];
  for (let i = 0; i < 100; i++) {
    deque.push({ index: i });
    array.push({ index: i });
  }
  return {
    id: "queue/deque",
    operation: "an element in and one out, 100 between them",
    operations: messages.length,
    run: () => {
      let last: unknown;
      for (let i = 0; i < messages.length; i++) {
        deque.push(messages[i] as { index: number });
        last = deque.shift();
      }
      return last;
    },
    peer: {
      name: "Array",
      run: () => {
        let last: unknown;
        for (let i = 0; i < messages.length; i++) {
          array.push(messages[i] as { index: number });
          last = array.shift();
        }
        return last;
      },
    },
  };
}

/** As for a handler's loop over requests: half of the messages wait for it, for half of them it waits. */
function messageQueueCase(): MicroCase {
  const queue = new MessageQueue({ onTaken: () => {}, onReaderLeft: () => {} });
  const half = messages.length / 2;
  const run = (): unknown => {
    let last: unknown;
    for (let i = 0; i < half; i++) queue.push(messages[i] as object);
    for (let i = 0; i < messages.length; i++) last = queue.next();
    for (let i = half; i < messages.length; i++) queue.push(messages[i] as object);
    return last;
  };
  run();
  assert.equal(queue.size, 0);
  return { id: "queue/messages", operation: "a message to a loop that awaits it", operations: messages.length, run };
}

function schedulerCase(): MicroCase {
  const scheduler = new WriteScheduler();
  const streams = Array.from({ length: 100 }, (_, i) => new Http2Stream(2 * i + 1, 65_535));
  const run = (): unknown => {
    let last: unknown;
    for (const stream of streams) scheduler.schedule(stream);
    for (let stream = scheduler.take(); stream !== undefined; stream = scheduler.take()) last = stream;
    return last;
  };
  return { id: "queue/scheduler", operation: "a stream's turn to send, 100 wait", operations: streams.length, run };
}
