/** The four shapes of handlers, and the one place of a server where a promise or an iterable of the application is met. */
import {
  type Enter,
  enteredIterator,
  openSource,
  type SourceIterator,
  SourceReader,
  type SourceSink,
} from "../../base/source-reader.js";
import { isThenable, markHandled } from "../../base/thenable.js";
import type { HandlerContext } from "../../rpc/handler-context.js";
import { type MethodKind, serverStreams } from "../../rpc/method-descriptor.js";
import type { Handler } from "../service-registry.js";

/** The call that a handler answers. */
export interface HandlerCall extends SourceSink {
  readonly context: HandlerContext;
  answer(value: unknown): void;
  /** The handler threw. */
  fail(error: unknown): void;
  /** The handler returned what cannot be answered with. */
  failWrongly(error: TypeError): void;
  read(reader: SourceReader): void;
}

const directly: Enter = (fn) => fn();

/** Runs a handler; nothing that it does is thrown from here. */
export function runHandler(
  call: HandlerCall,
  kind: MethodKind,
  handler: Handler,
  input: unknown,
  enter: Enter = directly,
): void {
  if (serverStreams(kind)) runStreaming(call, handler, input, enter);
  else runSingle(call, handler, input, enter);
}

/** A value is answered in this very turn; a promise costs one `then`. */
function runSingle(call: HandlerCall, handler: Handler, input: unknown, enter: Enter): void {
  let returned: unknown;
  try {
    returned = enter === directly ? handler(input, call.context) : runWithin(enter, handler, input, call.context);
    if (isThenable(returned)) {
      answerWith(call, returned);
      return;
    }
  } catch (error) {
    call.fail(error);
    return;
  }
  call.answer(returned);
}

function answerWith(call: HandlerCall, promise: PromiseLike<unknown>): void {
  promise.then(
    (value) => call.answer(value),
    (error: unknown) => call.fail(error),
  );
}

function runWithin(enter: Enter, handler: Handler, input: unknown, context: HandlerContext): unknown {
  return enter(() => handler(input, context));
}

function runStreaming(call: HandlerCall, handler: Handler, input: unknown, enter: Enter): void {
  let returned: unknown;
  let iterator: SourceIterator | undefined;
  try {
    iterator = enter(() => {
      returned = handler(input, call.context);
      return openSource(returned);
    });
  } catch (error) {
    call.fail(error);
    return;
  }
  if (iterator === undefined) {
    // Nobody will await a promise that came instead; it must not end the process.
    if (isThenable(returned)) markHandled(returned);
    call.failWrongly(notIterable(call.context.method.path, returned));
  } else {
    call.read(new SourceReader(enter === directly ? iterator : enteredIterator(iterator, enter), call));
  }
}

function notIterable(path: string, returned: unknown): TypeError {
  const observed = isThenable(returned) ? "a promise" : `a value of type ${typeof returned}`;
  return new TypeError(`the handler of ${path} returned ${observed}, expected an AsyncIterable: write it as async *`);
}
