"""The centre's settings while the server runs: looked at, checked, changed, previewed, undone.

`store` does a change: `file` is centre.toml, `history` tells who changed what; `previews` shows what nobody has stored.
`routes` is what of it there is over HTTP, `api` answers it.
"""
