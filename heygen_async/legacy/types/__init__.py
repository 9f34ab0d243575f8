"""The structs of v1 and v2 requests and responses, with the field names of those endpoints.

`videos.py`, `avatars.py` and `account.py` have the structs of the resources in the files of the same name.
"""
