"""Who: everyone who added the account, and what is known of them."""
