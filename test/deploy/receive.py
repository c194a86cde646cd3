# As systemd listens for its services: prints each datagram that comes to the socket, a line each.
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    data, ancillary, _, _ = listener.recvmsg(4096, 4096)
    # The program waits until a descriptor that it sends along is closed.
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            import array, os
            descriptors = array.array("i")
            descriptors.frombytes(content)
            for descriptor in descriptors:
                os.close(descriptor)
    print(data.decode().replace("\n", " "), flush=True)
