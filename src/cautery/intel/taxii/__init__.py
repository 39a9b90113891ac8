"""Intelligence to and from peers over TAXII 2.1: a sharing server, and a client for any server.

The standard is OASIS TAXII 2.1 (10 June 2021). The server serves STIX 2.1 and keeps every object as
the bytes that were pushed; ``docs/decisions/0028-a-sharing-server-of-our-own.md`` says why it is
here.
"""
