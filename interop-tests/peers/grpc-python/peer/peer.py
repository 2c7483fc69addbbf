"""TestService by grpcio, the Python binding of C-core: client and server.

peer.py server --port=0 [--tls_cert_file=… --tls_key_file=… [--client_ca_file=…]]   prints "listening PORT"
peer.py client --server_port=N --test_case=a,b [--ca_file=…]                       prints "begin a", "ok a"
"""

import asyncio
import sys

import client
import server


def flags_of(args):
    return dict(arg.lstrip("-").split("=", 1) for arg in args)


if __name__ == "__main__":
    side = {"server": server.serve, "client": client.run}[sys.argv[1]]
    asyncio.run(side(flags_of(sys.argv[2:])))
