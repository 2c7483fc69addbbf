"""The generated modules, and what both sides say in the same way."""

import os

import grpc

# What is generated of grpc/testing/*.proto lies elsewhere than grpcio's own package of that name.
grpc.__path__.append(os.environ["INTEROP_GENERATED"])

from grpc.testing import empty_pb2, messages_pb2, test_pb2_grpc  # noqa: E402, F401

LIMITS = [
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.max_metadata_size", 128 << 10),
    ("grpc.absolute_max_metadata_size", 128 << 10),
]
INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"


def zeros(size):
    return messages_pb2.Payload(body=bytes(size))


def read(flags, name):
    path = flags.get(name, "")
    if path == "":
        return None
    with open(path, "rb") as file:
        return file.read()
