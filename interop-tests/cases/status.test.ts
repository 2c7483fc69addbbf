import assert from "node:assert/strict";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import * as grpc from "@grpc/grpc-js";
import { createServer, StatusCode, StatusError, statusDetail } from "godwit";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { TestService } from "../gen/grpc/testing/test_godwit.js";
