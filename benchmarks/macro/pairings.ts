/** Who calls whom: a client and a server, of one library or of two. */
import { type SubjectName, subjectNames } from "./subjects/subject.js";

/** The subject's name where both are the same, else `CLIENT/SERVER`. */
export type PairingId = SubjectName | `${SubjectName}/${SubjectName}`;

export function clientOf(pairing: PairingId): SubjectName {
  return pairing.split("/")[0] as SubjectName;
}

export function serverOf(pairing: PairingId): SubjectName {
  return pairing.split("/").at(-1) as SubjectName;
}

/** Throws a sentence for what is no pairing. */
export function parsePairing(text: string): PairingId {
  const [client, server = client, ...rest] = text.split("/").map(parseSubject);
  if (client === undefined || server === undefined || rest.length > 0) {
    throw new Error(`${text} is no pairing: expected SUBJECT or CLIENT/SERVER`);
  }
  return client === server ? client : `${client}/${server}`;
}

function parseSubject(name: string): SubjectName {
  const subject = subjectNames.find((known) => known === name);
  if (subject === undefined) throw new Error(`there is no subject ${name}: ${subjectNames.join(", ")}`);
  return subject;
}
