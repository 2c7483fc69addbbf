import assert from "node:assert/strict";
import { type StatusCode, StatusError, statusCodeName } from "godwit";

/** The error of a call that has to fail with this code. */
export async function failure(call: Promise<unknown>, code: StatusCode): Promise<StatusError> {
  const error = await call.then(
    () => assert.fail(`the call succeeded, expected ${statusCodeName(code)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StatusError)) throw error;
  assert.equal(statusCodeName(error.code), statusCodeName(code), error.message);
  return error;
}

/** Every message of a stream, which has to end well. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}
