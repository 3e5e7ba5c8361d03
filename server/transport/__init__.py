"""What stands between the server and its network: the centre's own certificate authority, and nginx that speaks TLS."""

FOLDER = "tls"
"""In the server's data folder: the authority with its keys."""
