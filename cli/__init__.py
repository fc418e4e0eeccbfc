"""`kairan`, the operator's command line. It works against AWS and against the local cloud."""
