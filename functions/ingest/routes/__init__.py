"""The routes, one module a subject. Each reads a request, calls, and answers."""
