import type { RequestStream } from "../../rpc/invoker.js";

/**
 * Says to a stream what was said before there was one, or to one before it, and what is put behind it meanwhile.
 *
 * @param isCurrent Whether the stream is still wanted: it may end with any message.
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
