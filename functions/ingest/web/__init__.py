"""The HTTP layer that the routes share: requests become calls, results become answers."""
