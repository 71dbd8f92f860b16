"""Small programs for the captures that real.sh makes.

    net.py dns ADDRESS NAME=IP...       a name server for a few names
    net.py game-server ADDRESS PORT     answers every datagram
    net.py game-clients SERVER PORT N   N clients with an address each, one question each
    net.py ends-server ADDRESS          a TCP server that ends connections in different ways
    net.py ends-client ADDRESS          its client
    net.py datagram ADDRESS PORT SIZE   one UDP datagram, and waits for its echo
    net.py echo ADDRESS PORT            returns datagrams to their senders
    net.py vlan TAP DEVICE ID           carries frames between a TAP device and a tagged wire
    net.py gre TUN LOCAL REMOTE KEY     carries packets between a TUN device and a GRE tunnel

The last two do in user space what the kernel does where it has the drivers.
"""

import fcntl
import os
import select
import socket
import struct
import sys
import time

FAMILY = {False: socket.AF_INET, True: socket.AF_INET6}


def family(address):
    return FAMILY[":" in address]


def dns(address, *records):
    table = dict(r.split("=") for r in records)
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.bind((address, 53))
    while True:
        query, peer = s.recvfrom(512)
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += 1 + query[at]
        kind = struct.unpack("!H", query[at + 1 : at + 3])[0]
        question, ip = query[12 : at + 5], table.get(".".join(labels))
        answer = b""
        if ip and kind == {False: 1, True: 28}[":" in ip]:
            data = socket.inet_pton(family(ip), ip)
            answer = struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data
        flags = 0x8180 if ip else 0x8183
        head = query[:2] + struct.pack("!HHHHH", flags, 1, bool(answer), 0, 0)
        s.sendto(head + question + answer, peer)


def game_server(address, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, int(port)))
    while True:
        data, peer = s.recvfrom(2048)
        s.sendto(b"state " + data, peer)


def game_clients(server, port, n):
    for i in range(int(n)):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(2)
        s.bind((f"10.64.{i // 250}.{1 + i % 250}", 0))
        s.sendto(b"move %d" % i, (server, int(port)))
        s.recvfrom(2048)
        s.close()


def listen(address, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.listen()
    return s


# What the server on each port does with a connection after it has read a line.
CLOSES, RESETS, HALF = 7001, 7002, 7003


def ends_server(address):
    doors = {listen(address, port): port for port in (CLOSES, RESETS, HALF)}
    while True:
        for door in select.select(list(doors), [], [])[0]:
            c, _ = door.accept()
            c.recv(100)
            if doors[door] == RESETS:
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif doors[door] == HALF:
                while c.recv(100):
                    pass
                c.sendall(b"after the end of yours\n")
            c.close()


def ends_client(address):
    for port in (CLOSES, RESETS, HALF, 7004):
        c = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            c.connect((address, port))
            c.sendall(b"hello\n")
            if port == HALF:
                time.sleep(0.05)
                c.shutdown(socket.SHUT_WR)
            c.recv(100)
        except (ConnectionResetError, ConnectionRefusedError):
            pass
        c.close()


def datagram(address, port, size):
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.settimeout(2)
    s.sendto(bytes(int(size)), (address, int(port)))
    s.recvfrom(65535)


def echo(address, port):
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.bind((address, int(port)))
    while True:
        s.sendto(*s.recvfrom(65535))


def tuntap(name, mode):
    TUNSETIFF, TUN, TAP, NO_PI = 0x400454CA, 1, 2, 0x1000
    fd = os.open("/dev/net/tun", os.O_RDWR)
    flags = {"tun": TUN, "tap": TAP}[mode] | NO_PI
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    return fd


def hand(fd, packet):
    try:
        os.write(fd, packet)
    except OSError:  # the device was not started yet
        pass


def vlan(tap, device, number):
    tag = struct.pack("!HH", 0x8100, int(number))
    fd = tuntap(tap, "tap")
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    AUXDATA = 8  # without it the kernel would hide the tag
    wire.setsockopt(263, AUXDATA, 1)
    wire.bind((device, 0))
    while True:
        ready = select.select([fd, wire], [], [])[0]
        if fd in ready:
            frame = os.read(fd, 65535)
            wire.send(frame[:12] + tag + frame[12:])
        if wire in ready:
            frame, extra, _, (_, _, kind, _, _) = wire.recvmsg(65535, 64)
            if kind == socket.PACKET_OUTGOING:
                continue
            for _, _, data in extra:  # tpacket_auxdata: the tag that was taken out
                status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", data)
                if status & 0x10 and tci & 0xFFF == int(number):
                    hand(fd, frame)
            if frame[12:16] == tag:
                hand(fd, frame[:12] + frame[16:])


def gre(tun, local, remote, key):
    fd = tuntap(tun, "tun")
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)
    wire.bind((local, 0))
    wire.connect((remote, 0))
    while True:
        ready = select.select([fd, wire], [], [])[0]
        if fd in ready:
            packet = os.read(fd, 65535)
            kind = {4: 0x0800, 6: 0x86DD}[packet[0] >> 4]
            wire.send(struct.pack("!HHI", 0x2000, kind, int(key)) + packet)
        if wire in ready:
            packet = wire.recv(65535)
            hand(fd, packet[(packet[0] & 15) * 4 + 8 :])


if __name__ == "__main__":
    programs = {
        "dns": dns, "game-server": game_server, "game-clients": game_clients,
        "ends-server": ends_server, "ends-client": ends_client,
        "datagram": datagram, "echo": echo, "vlan": vlan, "gre": gre,
    }
    if len(sys.argv) < 2 or sys.argv[1] not in programs:
        sys.exit(__doc__)
    programs[sys.argv[1]](*sys.argv[2:])
