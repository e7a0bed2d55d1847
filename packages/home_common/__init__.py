"""What services share: one source, which their Dockerfiles copy into each image.

Written in the grammar of Python 3.12, the oldest that an image brings; the standard library is all it needs,
but for ``mqtt`` (paho), ``http_server`` (aiohttp) and ``signed_command`` (cryptography), which are imported
where an image has those.
"""
