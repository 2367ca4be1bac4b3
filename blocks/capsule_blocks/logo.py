"""The blocks' logo, drawn into the code so that it needs no network."""

from prefect.blocks.core import Block
from prefect.client.schemas.objects import BlockType
from pydantic import HttpUrl, UrlConstraints

DOCUMENTATION = "https://docs.prefect.io/v3/concepts/blocks"


class DataUrl(HttpUrl):
    """An image inside its own address, where Prefect's type asks for a web address."""

    _constraints = UrlConstraints(allowed_schemes=["data"])


LOGO = DataUrl(
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAGAAAABgAgMAAACf9p+rAAAADFBMVEX///8WZWvwtDwAAAB8xH+iAAAA"
    "wUlEQVR42u2Uuw3DIBRFDzbuKazMwwhWJE+ZhhEYJQO4cG8kUgCR+SRSukjmlu9yPw8hoKPjKhAATMtp"
    "dBiAEUDcz2fH2xMYAObcZSYRumEvgSlN1pixmKBQuWBCRqvCiUWkjAIyhot6Nw1DPJBBq7YVKlipZkpT"
    "IT+0IrbS9ZWL74r/JGw19P5XKxeIvck0FXtQuIqwOwzgq1LYtpVLrcpFjI9EUevApQe8FpJHWtCW4YnY"
    "cmJ7E95kGbb/QB3XwgtR2SMF2RS2EQAAAABJRU5ErkJggg=="
)


def block_type_without_logo(block: type[Block]) -> BlockType:
    """Return the block's type as it is registered.

    The server would take the logo, but from then on no Prefect client could read the block back:
    clients insist on a web address. Without one, Prefect's pages show their own sign.
    """
    return BlockType(
        slug=block.get_block_type_slug(),
        name=block.get_block_type_name(),
        logo_url=None,
        documentation_url=block._documentation_url,  # noqa: SLF001  Prefect has no public name for it
        description=block.get_description(),
        code_example=block.get_code_example(),
    )
