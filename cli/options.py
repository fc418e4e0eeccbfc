"""The options that choose a command's target. Every command has them."""

from typing import Annotated

import typer

WHERE = "Where"

Local = Annotated[
    bool, typer.Option("--local", help="Use the local cloud on this machine instead of AWS.", rich_help_panel=WHERE)
]
Profile = Annotated[str | None, typer.Option(help="Profile of the AWS command line.", rich_help_panel=WHERE)]
Region = Annotated[str | None, typer.Option(help="AWS region of the stack.", rich_help_panel=WHERE)]
Stack = Annotated[str, typer.Option(help="Name of the stack in AWS.", rich_help_panel=WHERE)]
