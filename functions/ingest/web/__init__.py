"""How a request becomes a call and its answer; what the routes share and none of them is about."""
