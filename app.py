"""Context → settings → stack → nag → synth. Calls nothing on the network."""

import sys

from aws_cdk import App

from infra import nag
from infra.settings import Settings, SettingsError
from infra.stack import KairanStack


def main() -> None:
    app = App()
    try:
        settings = Settings.read(app.node.get_all_context())
    except SettingsError as error:
        sys.exit(f"Kairan: {error}.")
    KairanStack(app, "kairan", settings=settings)
    nag.check(app)
    app.synth()


if __name__ == "__main__":
    main()
