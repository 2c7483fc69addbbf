/** What a streaming call takes its messages from: an array, a generator, a `pushable`, any iterable. */
export type MessageSource<T> = Iterable<T> | AsyncIterable<T>;

/** Messages of a streaming response, to be read once. Leaving the loop cancels the call. */
export type ServerStream<T> = AsyncIterable<T>;
