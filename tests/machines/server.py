"""A server on loopback that answers every request and notes the trace id that came with it."""
import asyncio
import threading


class RecordingServer:
    """`url` is its address; `take()` gives the trace ids that came since it was last called."""

    def __init__(self):
        self.seen, self.started = [], threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        self.started.wait()

    async def serve(self):
        server = await asyncio.start_server(self.converse, "127.0.0.1", 0, backlog=1024)
        self.url = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        self.started.set()
        await asyncio.Event().wait()

    async def converse(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                for line in head.splitlines():
                    if line.startswith("traceparent: 00-"):
                        self.seen.append(line.split("-")[1])
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def take(self):
        seen, self.seen = self.seen, []
        return sorted(seen)
