import assert from "node:assert/strict";
import { type CaseResult, differences, type ExpectedNonPass, replaced, score, unexpected } from "./case-result.js";
import { parseOutput } from "./client-suite.js";
import { parseReport } from "./server-suite.js";

function result(id: string, outcome: CaseResult["outcome"], detail = ""): CaseResult {
  return { id, title: "a title", outcome, detail };
}

describe("h2spec's reports", () => {
  it("JUnit: places within a section, outcomes, what was awaited and what came", () => {
    const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="5.1. Stream States" package="http2/5.1" id="5.1" tests="3" skipped="1" failures="0" errors="1">
    <testcase package="http2/5.1" classname="the &#34;:path&#34; field" time="0.0010"></testcase>
    <testcase package="http2/5.1" classname="second" time="1.0000">
      <error>DATA frame
GOAWAY &lt;9&gt;
Timeout</error>
    </testcase>
    <testcase package="http2/5.1" classname="third" time="0.0001">
      <skipped></skipped>
    </testcase>
  </testsuite>
  <testsuite name="6.1. DATA" package="http2/6.1" id="6.1" tests="1" skipped="0" failures="0" errors="0">
    <testcase package="http2/6.1" classname="fourth" time="0.0001"></testcase>
  </testsuite>
</testsuites>`;
    assert.deepEqual(parseReport(report), [
      { id: "http2/5.1/1", title: 'the ":path" field', outcome: "passed", detail: "" },
      {
        id: "http2/5.1/2",
        title: "second",
        outcome: "failed",
        detail: "awaited DATA frame or GOAWAY <9>, came Timeout",
      },
      { id: "http2/5.1/3", title: "third", outcome: "skipped", detail: "" },
      { id: "http2/6.1/1", title: "fourth", outcome: "passed", detail: "" },
    ]);
  });

  it("h2specd's output, up to where it says everything again", () => {
    const output = [
      "Generic tests for HTTP/2 client",
      "  5. Streams and Multiplexing",
      "    5.1. Stream States",
      "\r      ✔ 1: idle: Sends a DATA frame",
      "\r      × 2: closed: Sends a DATA frame",
      "        -> The endpoint MUST treat this as a connection error.",
      "           Expected: Connection closed",
      "             Actual: Timeout",
      "\r        3: skipped",
      "      5.1.1. Stream Identifiers",
      "\r        ✔ 1: Sends an unexpected stream identifier",
      "",
      "Failures: ",
      "    5.1. Stream States",
      "      × 2: closed: Sends a DATA frame",
    ].join("\n");
    assert.deepEqual(parseOutput(output), [
      { id: "client/5.1/1", title: "idle: Sends a DATA frame", outcome: "passed", detail: "" },
      { id: "client/5.1/2", title: "closed: Sends a DATA frame", outcome: "failed", detail: "came Timeout" },
      { id: "client/5.1/3", title: "skipped", outcome: "skipped", detail: "" },
      { id: "client/5.1.1/1", title: "Sends an unexpected stream identifier", outcome: "passed", detail: "" },
    ]);
  });
});

describe("h2spec: expected and unexpected outcomes", () => {
  const reason = "because";
  const expected: readonly ExpectedNonPass[] = [
    { id: "a/1", outcomes: ["failed"], reason },
    { id: "a/2", outcomes: ["failed", "passed"], reason },
  ];

  it("nothing to say", () => {
    assert.deepEqual(
      differences([result("a/1", "failed"), result("a/2", "passed"), result("a/3", "passed")], expected),
      [],
    );
  });

  it("a failure, a pass, another outcome, a case that did not run", () => {
    const results = [result("a/1", "passed"), result("a/3", "failed", "came Timeout"), result("a/4", "skipped")];
    assert.deepEqual(differences(results, expected), [
      "a/1 (a title) passed, expected failed",
      "a/3 (a title) failed, expected passed: came Timeout",
      "a/4 (a title) skipped, expected passed",
      "a/2 is expected not to pass, but did not run",
    ]);
    assert.deepEqual(
      unexpected(results, expected).map(({ id }) => id),
      ["a/1", "a/3", "a/4"],
    );
  });

  it("the second run counts", () => {
    const results = replaced([result("a/3", "failed"), result("a/4", "passed")], [result("a/3", "passed")]);
    assert.equal(score(results), "2 passed");
    assert.equal(score([...results, result("a/5", "skipped")]), "2 passed, 1 skipped");
  });
});
