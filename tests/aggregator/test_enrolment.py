"""The answer of an enrolment service, however the network cuts it."""

import asyncio
import json

from aiohttp import ClientSession, web

from custom_components.home_flex.aggregator.enrolment import redeem

ANSWER = json.dumps(
    {
        "certificate": "PEM " * 500,
        "broker": {"host": "broker.example.org", "port": 8883, "prefix": "home_flex"},
    }
).encode()


async def in_pieces(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = len(ANSWER)
    await response.prepare(request)
    for start in range(0, len(ANSWER), 1000):
        await response.write(ANSWER[start : start + 1000])
        await asyncio.sleep(0.01)
    return response


async def test_an_answer_that_comes_in_pieces_is_read_whole() -> None:
    application = web.Application()
    application.router.add_post("/redeem", in_pieces)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        async with ClientSession() as session:
            enrolment = await redeem(session, f"http://127.0.0.1:{port}", "home", "code")
    finally:
        await runner.cleanup()
    assert (enrolment.host, enrolment.port) == ("broker.example.org", 8883)
    assert enrolment.certificate.startswith("PEM PEM")
