"""Requests and responses of the HTTP API. JSON is camelCase; snake_case is read as well.

The one source of the OpenAPI document, so whatever a field refuses is said in its schema.
"""
