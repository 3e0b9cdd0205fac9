"""The routes, one blueprint a subject. Each reads a request, calls, and answers."""
