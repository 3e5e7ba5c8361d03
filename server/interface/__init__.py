"""What the server takes and answers: one table of routes, the HTTP API, its documents and its refusals."""
