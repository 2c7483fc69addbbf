/** Who can take part on this machine, and in what. */
import { buildGoPeer } from "../peers/grpc-go/build-peer.js";
import { clientOf, type PairingId, serverOf } from "./pairings.js";
import type { Row, Workload } from "./rows.js";
import type { SubjectName } from "./subjects/subject.js";

export interface Available {
  /** Without those that cannot take part, and without rows in which nobody is left. */
  readonly rows: readonly Row[];
  /** A sentence for each subject that is missing. */
  readonly missing: readonly string[];
}

/** Builds what has to be built for them. */
export function prepare(rows: readonly Row[]): Available {
  const pairings = rows.flatMap((row) => row.pairings);
  const wantsGo = pairings.some((pairing) => clientOf(pairing) === "grpc-go" || serverOf(pairing) === "grpc-go");
  const reason = wantsGo ? failureOf(buildGoPeer) : undefined;
  if (reason === undefined) return { rows, missing: [] };
  const missing = `grpc-go is LEFT OUT, with all comparisons to it: ${reason}`;
  return { rows: without("grpc-go", rows), missing: [missing] };
}

export function without(subject: SubjectName, rows: readonly Row[]): readonly Row[] {
  return rows.flatMap((row) => {
    const pairings = row.pairings.filter((pairing) => clientOf(pairing) !== subject && serverOf(pairing) !== subject);
    return pairings.length === 0 ? [] : [{ ...row, pairings }];
  });
}

/** Whether both sides of it have what the workload wants. */
export function canDo(pairing: PairingId, workload: Workload): boolean {
  const sides = [clientOf(pairing), serverOf(pairing)];
  // It speaks no gRPC.
  if (sides.includes("raw-net")) return pairing === "raw-net" && isBareUnary(workload);
  // Its client has one connection, and waits for answers.
  const isSpread = workload.kind === "openLoop" || (workload.kind === "unary" && workload.connections !== undefined);
  if (isSpread && clientOf(pairing) === "skeleton") return false;
  return !sides.includes("skeleton") || (workload.kind === "unary" && workload.payloadBytes <= 1024);
}

function isBareUnary(workload: Workload): boolean {
  return workload.kind === "unary" && !workload.headline && workload.connections === undefined;
}

function failureOf(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
