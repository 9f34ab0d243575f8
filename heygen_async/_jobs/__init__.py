"""Jobs: their kinds, the poller, waiting and watching."""
