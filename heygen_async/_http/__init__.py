"""One exchange with the API: configuration, endpoints, encoding, retries, limits, session, decoding."""
