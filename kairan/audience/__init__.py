"""The people who added the account, and what Kairan stores about them."""
