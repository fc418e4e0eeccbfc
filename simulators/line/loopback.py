"""Tells which hosts are this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """`host` is a name or an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
