"""The structs of v1 and v2: what their requests take, and what they answer. Field names are those endpoints' own."""
