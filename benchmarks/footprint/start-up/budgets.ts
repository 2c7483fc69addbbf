/**
 * What a program may weigh as one minified file, gzipped: a change that goes beyond it says why. The goal for a client is
 * 60,000; docs/performance.md says what keeps it above.
 */
export const budgets: Readonly<Record<string, number>> = {
  "godwit-client": 143_000,
  "godwit-tls-client": 153_000,
  "godwit-server": 111_000,
};
