"""Errors for a person at a terminal: one sentence says what is wrong, and another says what to do.

CommandError                 shown without a stack trace, exit code 1
 - LocalCloudAbsentError     `--local` without a local cloud

Exit codes: 0 done; 1 failed, or not all done; 2 the command line was wrong; 130 interrupted.
"""

from collections.abc import Iterator
from contextlib import contextmanager

FAILED = 1
INTERRUPTED = 130


class CommandError(Exception):
    """`fix` says what to do now."""

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.fix = fix


class LocalCloudAbsentError(CommandError):
    pass


CREDENTIAL_CODES = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
REFUSAL_CODES = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


@contextmanager
def aws_errors() -> Iterator[None]:
    """Turns boto3's errors into a CommandError with a fix."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        EndpointConnectionError,
        NoCredentialsError,
        NoRegionError,
        ProfileNotFound,
        SSOTokenLoadError,
        TokenRetrievalError,
        UnauthorizedSSOTokenError,
    )

    sign_in = "Sign in (`aws sso login` or `aws configure`), or name a profile with --profile."
    try:
        yield
    except NoCredentialsError as error:
        raise CommandError("No AWS credentials were found.", fix=sign_in) from error
    except (SSOTokenLoadError, TokenRetrievalError, UnauthorizedSSOTokenError) as error:
        raise CommandError("The AWS sign-in has ended.", fix=sign_in) from error
    except NoRegionError as error:
        raise CommandError("No AWS region is set.", fix="Name it with --region, or set AWS_REGION.") from error
    except ProfileNotFound as error:
        raise CommandError(f"{error}.", fix="`aws configure list-profiles` lists your profiles.") from error
    except EndpointConnectionError as error:
        raise CommandError(f"{error}.", fix="Check the network, --region and AWS_ENDPOINT_URL.") from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in CREDENTIAL_CODES:
            raise CommandError(f"AWS refused the credentials ({code}).", fix=sign_in) from error
        if code in REFUSAL_CODES:
            raise CommandError(
                f"AWS did not allow {error.operation_name}.",
                fix="Use a profile that may do this in the stack's account.",
            ) from error
        raise CommandError(
            f"AWS answered {code} to {error.operation_name}: {error.response['Error']['Message']}"
        ) from error
    except BotoCoreError as error:
        raise CommandError(f"The call to AWS failed: {error}.") from error
