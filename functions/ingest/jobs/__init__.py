"""Jobs in the API: starting, retrying and cancelling them."""
