"""Holds every packet that a TUN device is given for a while, then gives it back: delay.py DEVICE MILLISECONDS."""

import collections
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
BYTES_MAX = 65_535
PACKETS_MAX = 10_000


def main():
    name, seconds = sys.argv[1], float(sys.argv[2]) / 1000
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22s", name.encode(), IFF_TUN | IFF_NO_PI, b""))
    print("ready", flush=True)
    held = collections.deque()
    while True:
        wait = max(0, held[0][0] - time.monotonic()) if held else None
        readable, _, _ = select.select([tun], [], [], wait)
        if readable:
            packet = os.read(tun, BYTES_MAX)
            if len(held) < PACKETS_MAX:
                held.append((time.monotonic() + seconds, packet))
        while held and held[0][0] <= time.monotonic():
            os.write(tun, held.popleft()[1])


main()
