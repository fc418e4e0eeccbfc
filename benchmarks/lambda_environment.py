"""The part of a function's environment that every function has."""

POWERTOOLS = {
    "POWERTOOLS_SERVICE_NAME": "kairan",
    "POWERTOOLS_METRICS_NAMESPACE": "Kairan",
    "POWERTOOLS_LOG_LEVEL": "INFO",
}
LAMBDA = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "LANG": "C.UTF-8",
    **POWERTOOLS,
}
