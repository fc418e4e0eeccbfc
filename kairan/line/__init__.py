"""The LINE platform's own vocabulary: ids, messages and their limits, webhook events, the signature, the API."""
