"""Context → settings → stack → nag → synth, without any call over the network."""

import os
import sys

from aws_cdk import App

from infra import nag
from infra.bundling import BundlingError
from infra.settings import Settings, SettingsError
from infra.stack import KairanStack


def main() -> None:
    app = App()
    try:
        settings = Settings.read(app.node.get_all_context(), os.environ)
        KairanStack(app, "kairan", settings=settings)
    except (SettingsError, BundlingError) as error:
        sys.exit(f"Kairan: {error}.")
    nag.check(app)
    app.synth()


if __name__ == "__main__":
    main()
