import assert from "node:assert/strict";
import { type StatusCode, StatusError } from "godwit";

/** The StatusError that `call` rejects with; fails the test when it has another code or there is none. */
export async function expectStatusError(call: Promise<unknown>, code: StatusCode): Promise<StatusError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StatusError, `expected a StatusError with code ${code}, got ${String(error)}`);
  assert.equal(error.code, code, error.message);
  return error;
}

/** Reads a stream to its end. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}
