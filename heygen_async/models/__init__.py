"""The API's structs, one file a resource. The ground floor: it imports msgspec and nothing else of this package."""
