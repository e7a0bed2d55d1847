"""Bodies of answers, no more of them than anybody wants to hold in memory."""

import aiohttp


async def beginning(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """Return a body, or its first ``most_bytes``; one read alone may return the piece that came first."""
    content = b""
    while len(content) < most_bytes and (piece := await answer.content.read(most_bytes - len(content))):
        content += piece
    return content
