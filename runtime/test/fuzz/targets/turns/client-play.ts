/** A client's connection with open calls, which a server answers at a pace. */
import { statusCodeName } from "../../../../src/rpc/status-code.js";
import { FakePlatform } from "../../../support/fake-platform.js";
import { ClientFixture, type TestCall } from "../../../transport/client-fixture.js";
import { goAtPace, type Pace } from "./pace.js";

const settleMs = 5000;

/** What a caller saw. */
export interface AnswerOutcome {
  readonly messages: readonly string[];
  /** Status, and whether headers came before; empty while the call goes on. */
  readonly end: string;
}

export function playClient(pace: Pace, calls: number): AnswerOutcome[] {
  const fixture = new ClientFixture({ limits: pace.limits, platform: new FakePlatform() });
  const open = Array.from({ length: calls }, (_, index) => openCall(fixture, index));
  fixture.server.take();
  goAtPace(
    pace,
    (chunk) => fixture.server.sendNow(chunk),
    () => fixture.platform.runTurn(),
  );
  // A connection that broke is gone by then.
  fixture.platform.advance(settleMs);
  return open.map(({ response }) => {
    const { status, headers, messages } = response;
    const end =
      status && `${headers !== undefined} ${statusCodeName(status.code)} ${status.message} ${status.delivery}`;
    return { messages: messages.map((message) => (message as { value: string }).value), end: end ?? "" };
  });
}

/** Every other call asks for one message at a time. */
function openCall(fixture: ClientFixture, index: number): TestCall {
  const call = fixture.call();
  if (index % 2 === 0) {
    call.stream.pull(Number.POSITIVE_INFINITY);
    return call;
  }
  call.stream.pull(1);
  call.response.onEvent = (event) => {
    if (event.startsWith("message")) fixture.platform.scheduleTurn(() => call.stream.pull(1));
  };
  return call;
}
