"""`kairan`, the operator's command line. It works with AWS and with the local cloud."""
