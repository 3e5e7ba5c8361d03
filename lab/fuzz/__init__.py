"""Says to a real server what no device of ours would, ten thousand times over, and sees whether it minds.

`http` makes requests out of the OpenAPI document, `live` makes events of Socket.IO, `target` is the server and what
must hold of it before, between and after.
"""
