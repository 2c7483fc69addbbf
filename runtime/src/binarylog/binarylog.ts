/**
 * The entry `godwit/binarylog`: calls written down whole, as gRPC's binary log has them (gRFC A16), for those who look for
 * faults in what was really sent.
 */

export { type GrpcLogEntry, GrpcLogEntrySchema } from "../gen/grpc/binlog/v1/binarylog_pb.js";
export { type BinaryLogOptions, type BinaryLogSink, binaryLog } from "./binary-log.js";
export { readBinaryLog } from "./read-binary-log.js";
