"""The command line. https://developers.heygen.com/commands

The commands that perform an operation are made of the catalogue, when they are asked for; the others stand beside them.
"""
