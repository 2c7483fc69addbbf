import asyncio

import grpc
from messages import INITIAL, LIMITS, TRAILING, messages_pb2, empty_pb2, test_pb2_grpc, read, zeros

REQUEST_SIZES = [27182, 8, 1828, 45904]
RESPONSE_SIZES = [31415, 9, 2653, 58979]
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
LARGE = messages_pb2.SimpleRequest(response_size=314159, payload=zeros(271828))
METADATA = ((INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab"))


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def sized(responses, *sizes):
    found = [len(response.payload.body) for response in responses]
    check(found == list(sizes), f"payloads of {found} bytes, expected {list(sizes)}")


async def failure(call, code):
    """The error of a call that has to fail with a code."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        check(error.code() == code, f"{error.code()} ({error.details()}), expected {code}")
        return error
    raise AssertionError(f"the call succeeded, expected {code}")


async def collect(call):
    return [response async for response in call]


def order(size, body):
    parameters = [messages_pb2.ResponseParameters(size=size)]
    return messages_pb2.StreamingOutputCallRequest(response_parameters=parameters, payload=zeros(body))


class Cases:
    def __init__(self, channel, open_channel, iterations):
        self.channel = channel
        self.open_channel = open_channel
        self.iterations = iterations
        self.service = test_pb2_grpc.TestServiceStub(channel)

    async def empty_unary(self):
        check(await self.service.EmptyCall(empty_pb2.Empty()) == empty_pb2.Empty(), "another message")

    async def large_unary(self):
        sized([await self.service.UnaryCall(LARGE)], 314159)

    async def client_streaming(self):
        requests = [messages_pb2.StreamingInputCallRequest(payload=zeros(size)) for size in REQUEST_SIZES]
        response = await self.service.StreamingInputCall(iter(requests))
        check(response.aggregated_payload_size == 74922, f"size {response.aggregated_payload_size}")

    async def server_streaming(self):
        parameters = [messages_pb2.ResponseParameters(size=size) for size in RESPONSE_SIZES]
        request = messages_pb2.StreamingOutputCallRequest(response_parameters=parameters)
        sized(await collect(self.service.StreamingOutputCall(request)), *RESPONSE_SIZES)

    async def ping_pong(self):
        call = self.service.FullDuplexCall()
        for size, body in zip(RESPONSE_SIZES, REQUEST_SIZES):
            await call.write(order(size, body))
            sized([await call.read()], size)
        await call.done_writing()
        check(await call.read() is grpc.aio.EOF, "a fifth response")

    async def empty_stream(self):
        sized(await collect(self.service.FullDuplexCall(iter([]))))

    async def client_compressed_unary(self):
        """A channel that compresses leaves out the calls that say so."""
        service = test_pb2_grpc.TestServiceStub(self.channel)
        plain, gzip = grpc.Compression.NoCompression, grpc.Compression.Gzip

        def request(value):
            return messages_pb2.SimpleRequest(
                response_size=314159, payload=zeros(271828), expect_compressed=messages_pb2.BoolValue(value=value)
            )

        await failure(service.UnaryCall(request(True), compression=plain), grpc.StatusCode.INVALID_ARGUMENT)
        sized([await service.UnaryCall(request(True), compression=gzip)], 314159)
        sized([await service.UnaryCall(request(False), compression=plain)], 314159)

    async def custom_metadata(self):
        unary = self.service.UnaryCall(LARGE, metadata=METADATA)
        sized([await unary], 314159)
        stream = self.service.FullDuplexCall(iter([order(314159, 271828)]), metadata=METADATA)
        sized(await collect(stream), 314159)
        for call in (unary, stream):
            check(dict(await call.initial_metadata()).get(INITIAL) == METADATA[0][1], "other initial metadata")
            check(dict(await call.trailing_metadata()).get(TRAILING) == METADATA[1][1], "other trailing metadata")

    async def statuses(self, message, streams):
        status = messages_pb2.EchoStatus(code=2, message=message)
        calls = [self.service.UnaryCall(messages_pb2.SimpleRequest(response_status=status))]
        if streams:
            requests = [messages_pb2.StreamingOutputCallRequest(response_status=status)]
            calls.append(collect(self.service.FullDuplexCall(iter(requests))))
        for call in calls:
            error = await failure(call, grpc.StatusCode.UNKNOWN)
            check(error.details() == message, f"the message {error.details()!r}")

    async def status_code_and_message(self):
        await self.statuses("test status message", True)

    async def special_status_message(self):
        await self.statuses(SPECIAL, False)

    async def unimplemented_method(self):
        await failure(self.service.UnimplementedCall(empty_pb2.Empty()), grpc.StatusCode.UNIMPLEMENTED)

    async def unimplemented_service(self):
        service = test_pb2_grpc.UnimplementedServiceStub(self.channel)
        await failure(service.UnimplementedCall(empty_pb2.Empty()), grpc.StatusCode.UNIMPLEMENTED)

    async def cancel_after_begin(self):
        call = self.service.StreamingInputCall()
        call.cancel()
        check(await call.code() == grpc.StatusCode.CANCELLED, f"{await call.code()}")

    async def cancel_after_first_response(self):
        call = self.service.FullDuplexCall()
        await call.write(order(31415, 27182))
        sized([await call.read()], 31415)
        call.cancel()
        check(await call.code() == grpc.StatusCode.CANCELLED, f"{await call.code()}")

    async def time_out(self, seconds):
        call = self.service.FullDuplexCall(timeout=seconds)
        await failure(call.read(), grpc.StatusCode.DEADLINE_EXCEEDED)

    async def timeout_on_sleeping_server(self):
        await self.time_out(0.001)

    async def pick_first_unary(self):
        request = messages_pb2.SimpleRequest(response_size=1, payload=zeros(1), fill_server_id=True)
        servers = {(await self.service.UnaryCall(request)).server_id for _ in range(100)}
        check(len(servers) == 1 and "" not in servers, f"servers: {servers}")

    async def rpc_soak(self):
        for _ in range(self.iterations):
            await self.large_unary()

    async def channel_soak(self):
        for _ in range(self.iterations):
            async with self.open_channel() as channel:
                sized([await test_pb2_grpc.TestServiceStub(channel).UnaryCall(LARGE)], 314159)

    async def very_large_request(self):
        request = messages_pb2.SimpleRequest(response_size=10, payload=zeros(10 << 20))
        sized([await self.service.UnaryCall(request)], 10)

    async def concurrent_large_unary(self):
        await asyncio.gather(*(self.large_unary() for _ in range(1000)))

    async def simultaneous_timeouts(self):
        await asyncio.gather(*(self.time_out(1) for _ in range(3000)))
        await self.empty_unary()

    async def large_header(self):
        value = "X" * (63 * 1024)
        call = self.service.UnaryCall(messages_pb2.SimpleRequest(), metadata=((INITIAL, value),))
        await call
        check(dict(await call.initial_metadata()).get(INITIAL) == value, "it came back otherwise")


async def run(flags):
    address = f"{flags.get('server_host', '127.0.0.1')}:{flags['server_port']}"
    authority = read(flags, "ca_file")
    # Channels of one process that are alike share their connections unless told otherwise.
    options = [*LIMITS, ("grpc.use_local_subchannel_pool", 1)]

    def open_channel():
        if authority is None:
            return grpc.aio.insecure_channel(address, options=options)
        credentials = grpc.ssl_channel_credentials(authority, read(flags, "key_file"), read(flags, "cert_file"))
        override = [("grpc.ssl_target_name_override", flags.get("server_host_override", ""))]
        return grpc.aio.secure_channel(address, credentials, options=[*options, *override])

    async with open_channel() as channel:
        cases = Cases(channel, open_channel, int(flags.get("soak_iterations", "10")))
        for name in flags["test_case"].split(","):
            print(f"begin {name}", flush=True)
            try:
                await getattr(cases, name)()
                print(f"ok {name}", flush=True)
            except Exception as error:  # Whatever it is, the next case is run.
                reason = " ".join(str(error).split()) or type(error).__name__
                print(f"failed {name}: {reason}", flush=True)
