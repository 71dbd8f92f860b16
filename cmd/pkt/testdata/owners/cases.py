"""Programs that use sockets in all the ways that attribution has to tell apart.

usage: cases.py NAME ADDRESS PORT, which prints "own PID" for each process that owns the
traffic of the port; it waits for a line on stdin where a case has to begin before that.
"""
import os, socket, sys, threading, time

name, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET


def own(pid=None):
    os.write(1, b"own %d\n" % (pid or os.getpid()))  # one write: workers share the pipe


def ready():
    os.write(1, b"ready\n")


def go():
    sys.stdin.readline()


def connect():
    return socket.create_connection((address, port), timeout=20)


def drain(s):
    n = 0
    while True:
        b = s.recv(65536)
        if not b:
            return n
        n += len(b)


def talk(s, size=20000):
    s.sendall(b"x" * size)
    s.shutdown(socket.SHUT_WR)
    drain(s)


def listener():
    s = socket.create_server((address, port), family=family, backlog=256)
    ready()
    return s


def sink():
    """Answers what others send: TCP with a page, UDP with the same, some slowly."""
    def stream(c, p):
        c.settimeout(20)
        try:
            if p == 7009:
                time.sleep(8)  # until the capture has begun
                c.sendall(b"y" * 5000)
            elif p == 7013:
                time.sleep(1)
                drain(c)
            elif p == 7005:
                c.recv(4096)
                c.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3000\r\n\r\n" + b"z" * 3000)
            else:
                drain(c)
                c.sendall(b"z" * 3000)
        finally:
            c.close()

    def streams(p):
        s = socket.create_server(("::", p), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256)
        while True:
            c, _ = s.accept()
            threading.Thread(target=stream, args=(c, p), daemon=True).start()

    def datagrams(p):
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        s.bind(("::", p))
        while True:
            b, a = s.recvfrom(65536)
            s.sendto(b, a)

    for p in range(port, port + 20):
        threading.Thread(target=streams, args=(p,), daemon=True).start()
        threading.Thread(target=datagrams, args=(p,), daemon=True).start()
    time.sleep(0.5)
    ready()
    time.sleep(600)


def tcp():
    own()
    talk(connect())


def udp_connected():
    own()
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.connect((address, port))
    for _ in range(20):
        s.send(b"x" * 500)
        s.recv(1000)


def udp():
    own()
    s = socket.socket(family, socket.SOCK_DGRAM)
    for _ in range(20):
        s.sendto(b"x" * 500, (address, port))
        s.recvfrom(1000)


def oneshot():
    own()
    socket.socket(family, socket.SOCK_DGRAM).sendto(b"x" * 500, (address, port))
    os._exit(0)


def older():
    s = connect()
    own()
    ready()
    go()
    talk(s)


def blocked():
    own()
    s = connect()
    ready()
    drain(s)


def orphan():
    own()
    s = connect()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    s.sendall(b"x" * 300000)
    os._exit(0)


def serve(c):
    drain(c)
    c.sendall(b"z" * 3000)
    c.close()


def prefork():
    s = listener()
    for _ in range(3):
        if os.fork() == 0:
            own()
            while True:
                serve(s.accept()[0])
    time.sleep(600)


def inetd():
    s = listener()
    while True:
        c, _ = s.accept()
        pid = os.fork()
        if pid == 0:
            os.dup2(c.fileno(), 0)
            os.dup2(c.fileno(), 1)
            os.execvp("cat", ["cat"])
        own(pid)
        c.close()


def closer():
    """Accepts and closes at once, in a worker that neither reads nor writes."""
    s = listener()
    if os.fork() == 0:
        own()
        while True:
            s.accept()[0].close()
    time.sleep(600)


def sendfile():
    own()
    with open("/tmp/pkt-owners-%d" % os.getpid(), "w+b") as f:
        os.unlink(f.name)
        f.write(b"f" * 200000)
        f.flush()
        s = listener()
        while True:
            c, _ = s.accept()
            c.recv(1)
            os.sendfile(c.fileno(), f.fileno(), 0, 200000)
            c.close()


def many():
    """PORT connections of a few milliseconds each to port 80."""
    own()
    for _ in range(port):
        s = socket.create_connection((address, 80), timeout=20)
        s.sendall(b"GET / HTTP/1.0\r\n\r\n")
        drain(s)
        s.close()


globals()[name]()
