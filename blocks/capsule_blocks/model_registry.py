"""The `ModelRegistry` block: the models of an MLflow server and of folders, in one list."""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from prefect.blocks.core import Block
from prefect.client.schemas.objects import BlockType
from pydantic import Field, HttpUrl, SecretStr

from capsule_blocks.logo import DOCUMENTATION, LOGO, block_type_without_logo
from capsule_blocks.mlflow_server import MlflowServer
from capsule_blocks.model_folders import FolderModels
from capsule_blocks.registered_models import Models


class ModelRegistry(Block):
    """The models that capsules can be made of: those of an MLflow server, and those in folders.

    Attributes:
        url: The MLflow server's address.
        user: Who asks it, where it wants a password.
        secret: That password; without a user, a bearer token.
        folders: Folders with models in them.

    Example:
        List the models:
        ```python
        from capsule_blocks import ModelRegistry

        registry = ModelRegistry.load("BLOCK_NAME")
        for place in registry.places():
            for model in place.models():
                print(model.name)
        ```
    """

    _block_type_name = "Capsule Model Registry"
    _block_type_slug = "capsule-model-registry"
    _description = (
        "The models that capsules can be made of: an MLflow server's, and those in folders."
    )
    _documentation_url = HttpUrl(DOCUMENTATION)
    _logo_url = LOGO

    url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/?#@]+(/[^?#]*)?$",
        description="The MLflow server's address, such as http://127.0.0.1:5000.",
    )
    user: str = Field(default="", description="Who asks it, where it wants a password.")
    secret: SecretStr | None = Field(
        default=None, description="The user's password; without a user, a bearer token."
    )
    folders: tuple[Path, ...] = Field(
        default=(), description="Folders in which each folder or file is a model."
    )

    @classmethod
    def _to_block_type(cls) -> BlockType:
        return block_type_without_logo(cls)

    def server(self) -> MlflowServer | None:
        """Return the MLflow server, or None where no address is set."""
        return MlflowServer(self.url, self._headers()) if self.url else None

    def places(self) -> Sequence[Models]:
        """Return where models are kept, each to be asked by itself: one may be unreachable."""
        server, folders = self.server(), FolderModels(self.folders)
        return [*([server] if server else []), *([folders] if self.folders else [])]

    def _headers(self) -> dict[str, str]:
        if self.secret is None:
            return {}
        said = self.secret.get_secret_value()
        if not self.user:
            return {"Authorization": f"Bearer {said}"}
        pair = b64encode(f"{self.user}:{said}".encode()).decode("ascii")
        return {"Authorization": f"Basic {pair}"}
