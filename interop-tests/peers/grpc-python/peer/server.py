import asyncio
import os
import sys

import grpc
from messages import INITIAL, LIMITS, TRAILING, messages_pb2, empty_pb2, test_pb2_grpc, read, zeros


class TestService(test_pb2_grpc.TestServiceServicer):
    async def EmptyCall(self, request, context):
        return empty_pb2.Empty()

    async def UnaryCall(self, request, context):
        await echo(context)
        await fail_as_asked(request, context)
        if not request.response_compressed.value:
            context.disable_next_message_compression()
        server_id = f"python-{os.getpid()}" if request.fill_server_id else ""
        return messages_pb2.SimpleResponse(payload=zeros(request.response_size), server_id=server_id)

    async def StreamingInputCall(self, requests, context):
        size = 0
        async for request in requests:
            size += len(request.payload.body)
        return messages_pb2.StreamingInputCallResponse(aggregated_payload_size=size)

    async def StreamingOutputCall(self, request, context):
        async for response in respond(request, context):
            yield response

    async def FullDuplexCall(self, requests, context):
        await echo(context)
        async for request in requests:
            await fail_as_asked(request, context)
            async for response in respond(request, context):
                yield response


async def respond(request, context):
    for parameters in request.response_parameters:
        if parameters.interval_us > 0:
            await asyncio.sleep(parameters.interval_us / 1e6)
        if not parameters.compressed.value:
            context.disable_next_message_compression()
        peer = context.peer() if parameters.fill_peer_socket_address.value else ""
        yield messages_pb2.StreamingOutputCallResponse(payload=zeros(parameters.size), peer_socket_address=peer)


async def echo(context):
    metadata = dict(context.invocation_metadata())
    if TRAILING in metadata:
        context.set_trailing_metadata([(TRAILING, metadata[TRAILING])])
    if INITIAL in metadata:
        await context.send_initial_metadata([(INITIAL, metadata[INITIAL])])


async def fail_as_asked(request, context):
    status = request.response_status
    if status.code != 0:
        code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
        await context.abort(code, status.message)


async def serve(flags):
    # C-core refuses calls at random, with CANCELLED, while more than a thousand wait for their handler.
    backlog = [("grpc.server.max_pending_requests", 10_000), ("grpc.server.max_pending_requests_hard_limit", 20_000)]
    options = [*LIMITS, *backlog, ("grpc.so_reuseport", 0)]
    limit = flags.get("max_concurrent_streams_limit")
    if limit is not None:
        options.append(("grpc.max_concurrent_streams", int(limit)))
    server = grpc.aio.server(options=options, compression=grpc.Compression.Gzip)
    test_pb2_grpc.add_TestServiceServicer_to_server(TestService(), server)
    address = f"127.0.0.1:{flags.get('port', '0')}"
    certificate = read(flags, "tls_cert_file")
    if certificate is None:
        port = server.add_insecure_port(address)
    else:
        authority = read(flags, "client_ca_file")
        pair = (read(flags, "tls_key_file"), certificate)
        credentials = grpc.ssl_server_credentials([pair], authority, authority is not None)
        port = server.add_secure_port(address, credentials)
    await server.start()
    print(f"listening {port}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop(0)
