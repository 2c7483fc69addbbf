/**
 * What a streaming call takes its messages from: an array, a generator, a `pushable`, any iterable. A message that was
 * given must not change before its call has ended: large fields of type bytes are sent from where they lie.
 */
export type MessageSource<T> = Iterable<T> | AsyncIterable<T>;

/** Messages of a streaming response, to be read once. Leaving the loop cancels the call. */
export type ServerStream<T> = AsyncIterable<T>;
