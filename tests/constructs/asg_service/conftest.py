"""What tests of services share: images whose owner is set, and whose lookups are recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import aws_cdk as cdk
import pytest

from tts_constructs import standards

OWNER = "777788889999"


@pytest.fixture(scope="module")
def image_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The settings of the working folder: the image's owner."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "tts.toml").write_text(f'[image]\nowners = ["{OWNER}"]\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield


@pytest.fixture(scope="module")
def app_with_images(make_app: Callable[..., cdk.App]) -> Callable[..., cdk.App]:
    """Makes an app with recorded images of a region."""

    def make(region: str = "us-east-1") -> cdk.App:
        images = {
            f"ami:account=111122223333:filters.architecture.0={architecture}:filters.image-type.0=machine:"
            f"filters.name.0={standards.IMAGE_NAME}:filters.state.0=available:owners.0={OWNER}:"
            f"region={region}": "ami-0f15a4ead40000001"
            for architecture in ("arm64", "x86_64")
        }
        return make_app(images)

    return make
