"""Settings by subject; `shared.config` puts them together and reads them."""
