"""POSTs over keep-alive connections, as cheap for this machine as it gets: the servers are measured, not the client."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from itertools import count

_NUMBERS = count()
WARM_UP_SECONDS = 0.3

PROJECT = {
    "divisions": ["370211"],
    "uscc": ["91370211MA3C00011M"],
    "industries": ["C39"],
    "origins": ["DISTRICT"],
    "industry_chain": "智能家电",
    "investor_name": "某某科技有限公司",
    "total_investment_wan": "300000.0000",
    "foreign_capital": False,
}


@dataclass
class _Window:
    begins: float
    ends: float
    answered: int = 0


class Refused(Exception):
    """A side answered something else than 201: there is nothing to measure."""


async def posts_per_second(port: int, path: str, token: str, writers: int, seconds: float) -> float:
    """Answers of 201 a second from this many writers, each waiting for its answer before it sends the next."""
    begins = time.perf_counter() + WARM_UP_SECONDS
    window = _Window(begins, begins + seconds)
    await asyncio.gather(*(_write(port, path, token, window) for _ in range(writers)))
    return window.answered / seconds


async def _write(port: int, path: str, token: str, window: _Window) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while time.perf_counter() < window.ends:
            await posted(reader, writer, path, token)
            window.answered += window.begins <= time.perf_counter() < window.ends
    finally:
        writer.close()


async def posted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, token: str) -> bytes:
    """The body of the answer to one POST. Raises Refused for another status than 201."""
    writer.write(_request(path, token))
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    body = await reader.readexactly(length)
    if not head.startswith(b"HTTP/1.1 201"):
        raise Refused(f"{head.decode()}{body.decode()}")
    return body


def _request(path: str, token: str) -> bytes:
    number = next(_NUMBERS)
    body = json.dumps({"name": f"性能对比项目 {number}", **PROJECT}, ensure_ascii=False).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nIdempotency-Key: bench-{time.time_ns()}-{number}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
