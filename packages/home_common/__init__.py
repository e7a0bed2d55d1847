"""What services share: one source, which their Dockerfiles copy into each image.

Written in the grammar of Python 3.12, the oldest that an image brings; the standard library is all it needs,
but for ``mqtt`` and ``http_server``, which only services with paho and aiohttp import.
"""
