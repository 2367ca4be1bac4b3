"""What a capsule is: the declaration an author writes, and all that runs inside a container."""

from capsule_kit.answers import ClassAnswer, NoAnswer, NumberAnswer, RankAnswer, TimeAnswer
from capsule_kit.columns import column
from capsule_kit.contract import Contract
from capsule_kit.criteria import Criterion, ErrorCost
from capsule_kit.data_package import data_package
from capsule_kit.declaration import Capsule
from capsule_kit.errors import (
    CannotProfile,
    CapsuleError,
    CasesRefused,
    DeclarationError,
    ModelFailed,
    NoDataPackage,
)
from capsule_kit.manifest import Headline, Manifest, Page
from capsule_kit.model_process import progress
from capsule_kit.models import Command, OtherPython
from capsule_kit.training_profile import TrainingProfile, write_profile

__all__ = [
    "CannotProfile",
    "Capsule",
    "CapsuleError",
    "CasesRefused",
    "ClassAnswer",
    "Command",
    "Contract",
    "Criterion",
    "DeclarationError",
    "ErrorCost",
    "Headline",
    "Manifest",
    "ModelFailed",
    "NoAnswer",
    "NoDataPackage",
    "NumberAnswer",
    "OtherPython",
    "Page",
    "RankAnswer",
    "TimeAnswer",
    "TrainingProfile",
    "column",
    "data_package",
    "progress",
    "write_profile",
]
