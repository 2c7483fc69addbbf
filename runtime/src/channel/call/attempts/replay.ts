import type { RequestHeaders, RequestStream } from "../../../rpc/invoker.js";

/**
 * Says to a new attempt what was said before, and what comes while it is said.
 *
 * @param isCurrent Whether the attempt still runs: it may end with any message.
 * @param endsWithMessage Whether the last of the messages half-closes.
 * @returns Whether more may be sent.
 */
export function replay(
  stream: RequestStream,
  messages: readonly unknown[],
  pulled: number,
  isCurrent: () => boolean,
  endsWithMessage: () => boolean,
): boolean {
  if (pulled > 0) stream.pull(pulled);
  let writable = true;
  for (let i = 0; i < messages.length && isCurrent(); i++) {
    writable = stream.send(messages[i], i === messages.length - 1 && endsWithMessage());
  }
  return writable;
}

/** The headers of an attempt that others went before: an interceptor that tries again itself may have made some of them. */
export function withAttempts(headers: RequestHeaders, before: number): RequestHeaders {
  return { ...headers, previousAttempts: (headers.previousAttempts ?? 0) + before };
}
